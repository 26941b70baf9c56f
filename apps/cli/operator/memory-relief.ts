// Gives memory back to the machine after a burst of work: V8 keeps what it has freed in case it is needed again.

import { memoryUsage } from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "@plumbline/core/model";

/** Below this much resident memory nothing is done: megabytes (10^6). */
const RELIEF_AT_MB = 130;
/** After a relief the next one is due when that much more is resident than it left: so a large site pays it seldom. */
const GROWTH = 1.1;
/** How often it is looked, and how long at least lies between two reliefs, each of which stops the process for 0.1 to 0.4 s. */
const LOOK_EVERY_MS = 100;
const PAUSE_MS = 2000;

export interface MemoryReliefOptions {
  clock: Clock;
  /** Resident memory, bytes. */
  resident?: () => number;
  /** Collects all garbage and gives free pages back. */
  collect?: () => void;
}

/** Looks at the resident memory from now on; returns how to stop. */
export function relieveMemory(options: MemoryReliefOptions): () => void {
  const { clock, resident = () => memoryUsage.rss(), collect = collectAll() } = options;
  let dueAtMb = RELIEF_AT_MB;
  let notBefore = 0;
  let cancel = (): void => undefined;
  const look = (): void => {
    if (resident() / 1e6 > dueAtMb && clock.monotonic() >= notBefore) {
      collect();
      dueAtMb = Math.max(RELIEF_AT_MB, (resident() / 1e6) * GROWTH);
      notBefore = clock.monotonic() + PAUSE_MS;
    }
    cancel = clock.after(LOOK_EVERY_MS, look);
  };
  cancel = clock.after(LOOK_EVERY_MS, look);
  return () => cancel();
}

/** `gc` as Node gives it with `--expose-gc`, without asking for that flag; "last-resort" also shrinks the heap. */
function collectAll(): () => void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as (how: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;
  return () => gc({ type: "major", execution: "sync", flavor: "last-resort" });
}
