// Requests that the operator sent to the API server, by verb.

export class RequestCount {
  #byVerb = new Map<string, number>();

  add(record: { verb: string; dryRun: boolean }): void {
    const verb = record.dryRun ? `${record.verb} (dry-run)` : record.verb;
    this.#byVerb.set(verb, (this.#byVerb.get(verb) ?? 0) + 1);
  }

  /** The counts until now, and starts anew. */
  take(): Map<string, number> {
    const counts = this.#byVerb;
    this.#byVerb = new Map();
    return counts;
  }
}

/** `apply 12, watch 4`, the most frequent first. */
export function formatCounts(counts: Map<string, number>): string {
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([verb, count]) => `${verb} ${count}`).join(", ") || "none";
}
