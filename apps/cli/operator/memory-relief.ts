// Gives memory back to the machine after a burst of work: V8 keeps what it has freed in case it is needed again.

import { PerformanceObserver } from "node:perf_hooks";
import { memoryUsage } from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "@plumbline/core/model";

/** Below this much resident memory nothing is done: megabytes (10^6). */
const RELIEF_AT_MB = 130;
/** After a relief the next one is due when that much more is resident than it left: so a large site pays it seldom. */
const GROWTH = 1.05;
/** A relief stops the process for 0.05 to 0.4 s; that many times as long it then works, at least. */
const WORK_PER_RELIEF = 5;

export interface MemoryReliefOptions {
  clock: Clock;
  /** Resident memory, bytes. */
  resident?: () => number;
  /** Collects all garbage and gives free pages back. */
  collect?: () => void;
  /** Calls `look` now and then while memory is being taken, and not when nothing happens; returns how to stop. */
  whileTaken?: (look: () => void) => () => void;
}

/** Looks at the resident memory from now on; returns how to stop. */
export function relieveMemory(options: MemoryReliefOptions): () => void {
  const { clock, resident = () => memoryUsage.rss(), collect = collectAll(), whileTaken = afterCollections } = options;
  let dueAtMb = RELIEF_AT_MB;
  let notBefore = 0;
  return whileTaken(() => {
    const startedMs = clock.monotonic();
    if (startedMs < notBefore || resident() / 1e6 <= dueAtMb) return;
    collect();
    dueAtMb = Math.max(RELIEF_AT_MB, (resident() / 1e6) * GROWTH);
    const endedMs = clock.monotonic();
    notBefore = endedMs + WORK_PER_RELIEF * (endedMs - startedMs);
  });
}

/** Who takes memory makes garbage: each time V8 has collected some is a time to look, and at rest it collects none. */
function afterCollections(look: () => void): () => void {
  const observer = new PerformanceObserver(look);
  observer.observe({ entryTypes: ["gc"] });
  return () => observer.disconnect();
}

/** `gc` as Node gives it with `--expose-gc`, without asking for that flag; "last-resort" also shrinks the heap. */
function collectAll(): () => void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as (how: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;
  return () => gc({ type: "major", execution: "sync", flavor: "last-resort" });
}
