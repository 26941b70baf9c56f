// What a figure was measured on.

import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** One line: processor, cores, memory, runtime, and the load (processes that want to run) of the last minute. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const gib = Math.round(totalmem() / 2 ** 30);
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return `${model}, ${availableParallelism()} cores, ${gib} GiB, Node ${process.version}, load ${load}`;
}
