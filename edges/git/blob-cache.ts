// Contents by Git id, shared by all snapshots, bounded in bytes; the least recently used goes first.

export interface BlobCache {
  get(id: string): Uint8Array | undefined;
  set(id: string, bytes: Uint8Array): void;
  readonly bytes: number;
}

/** What an entry costs beside its content. */
const ENTRY_OVERHEAD_BYTES = 200;

export function createBlobCache(maxBytes: number): BlobCache {
  const entries = new Map<string, Uint8Array>();
  let bytes = 0;
  const cost = (content: Uint8Array): number => content.length + ENTRY_OVERHEAD_BYTES;
  return {
    get bytes() {
      return bytes;
    },
    get(id) {
      const content = entries.get(id);
      if (content === undefined) return undefined;
      entries.delete(id);
      entries.set(id, content);
      return content;
    },
    set(id, content) {
      if (entries.has(id) || cost(content) > maxBytes) return;
      entries.set(id, content);
      bytes += cost(content);
      for (const [oldest, old] of entries) {
        if (bytes <= maxBytes) break;
        entries.delete(oldest);
        bytes -= cost(old);
      }
    },
  };
}
