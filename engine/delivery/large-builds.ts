// Builds that take long are made one after the other, with a pause between: nothing else happens while one is made.

import { type Clock, sleep } from "@plumbline/core/model";

/** A build that reads more takes a tenth of a second and more. */
export const LARGE_BUILD_BYTES = 1024 * 1024;
/** Long enough for a lease to be renewed and for a probe to be answered. */
const PAUSE_MS = 50;

/** One line for all that share a clock, which is a process. */
const lines = new WeakMap<Clock, Promise<unknown>>();

/** Makes a build that reads so many bytes; what it throws is thrown. */
export async function inTurn<T>(clock: Clock, bytes: number, build: () => T): Promise<T> {
  if (bytes < LARGE_BUILD_BYTES) return build();
  const turn = (lines.get(clock) ?? Promise.resolve()).then(() => sleep(clock, PAUSE_MS)).then(build);
  lines.set(
    clock,
    turn.catch(() => undefined), // whoever wanted that build is told
  );
  return await turn;
}
