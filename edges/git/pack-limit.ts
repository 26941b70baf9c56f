// Ends a fetch whose pack grows too large: git itself has no limit for what it downloads.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, Failure } from "@plumbline/core/model";

/** How often the growing pack is looked at. */
const LOOK_MS = 250;

export interface PackLimit {
  clock: Clock;
  /** The bare repository. */
  directory: string;
  maxBytes: number;
  signal: AbortSignal | undefined;
}

/** Runs `fetch` with a signal that fires when the pack under way is larger than allowed. Throws `LimitExceeded` then. */
export async function withPackLimit<T>(limit: PackLimit, fetch: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let cancel = (): void => undefined;
  const look = async (): Promise<void> => {
    if ((await bytesUnderWay(limit.directory)) > limit.maxBytes) controller.abort(tooLarge(limit.maxBytes));
    else again();
  };
  let hasEnded = false;
  const again = (): void => {
    if (!hasEnded) cancel = limit.clock.after(LOOK_MS, () => void look());
  };
  again();
  try {
    return await fetch(AbortSignal.any([controller.signal, ...(limit.signal ? [limit.signal] : [])]));
  } finally {
    hasEnded = true;
    cancel();
  }
}

/** index-pack writes to a file `tmp_pack_…` until it is done. */
async function bytesUnderWay(directory: string): Promise<number> {
  const folder = join(directory, "objects", "pack");
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith("tmp_"));
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  ); // it may just be renamed
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function tooLarge(maxBytes: number): Failure {
  return new Failure({
    reason: "LimitExceeded",
    message: `the server sent a pack of more than ${maxBytes} bytes`,
    hint: "Keep large binaries out of the repository, or use an OCI artifact for them",
  });
}
