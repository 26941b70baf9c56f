// Builds that take long are made one after the other, with a pause between: nothing else happens while one is made.

import { type Clock, sleep } from "@plumbline/core/model";
import { Turns } from "../loop/turns.ts";

/** A build that reads more takes a tenth of a second and more. */
export const LARGE_BUILD_BYTES = 1024 * 1024;
/** Long enough for a lease to be renewed and for a probe to be answered. */
const PAUSE_MS = 50;

/** One line for all that share a clock, which is a process. */
const lines = new Turns<Clock>();

/** Makes a build that reads so many bytes; what it throws is thrown. */
export async function inTurn<T>(clock: Clock, bytes: number, build: () => T): Promise<T> {
  if (bytes < LARGE_BUILD_BYTES) return build();
  return await lines.take(clock, () => sleep(clock, PAUSE_MS).then(build));
}
