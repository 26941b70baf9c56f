// What a process and its descendants have used so far, as Linux tells it in /proc.

import { readFileSync, readdirSync } from "node:fs";
import { Failure } from "@plumbline/core/model";

export interface ProcessUsage {
  /** The highest resident memory the process itself ever had, in bytes; the kernel keeps it, nothing is sampled. */
  peakRssBytes: number;
  /** Its resident memory now. */
  rssBytes: number;
  /** User and system time of it, of its living descendants, and of children that ended and were waited for. */
  cpuSeconds: number;
  /** Highest resident memory of each living descendant, summed: an upper bound. */
  descendantsPeakRssBytes: number;
}

/** USER_HZ, which Linux fixes at 100 for every program. */
const ticksPerSecond = 100;

/** Throws `NotFound` when there is no such process, `UsageError` where there is no /proc. */
export function processUsage(pid: number): ProcessUsage {
  const children = childrenByParent();
  const own = readProcess(pid);
  if (!own) throw new Failure({ reason: "NotFound", message: `there is no process ${pid}` });
  const usage = { ...own, descendantsPeakRssBytes: 0 };
  const open = [...(children.get(pid) ?? [])];
  for (let child = open.pop(); child !== undefined; child = open.pop()) {
    open.push(...(children.get(child) ?? []));
    const used = readProcess(child);
    usage.cpuSeconds += used?.cpuSeconds ?? 0;
    usage.descendantsPeakRssBytes += used?.peakRssBytes ?? 0;
  }
  return usage;
}

/** The highest resident memory of the process alone, in whole MiB. Throws as `processUsage` does. */
export function peakMb(pid: number): number {
  return Math.round(processUsage(pid).peakRssBytes / 1024 ** 2);
}

/** Undefined when the process has ended meanwhile. */
function readProcess(pid: number): Omit<ProcessUsage, "descendantsPeakRssBytes"> | undefined {
  const stat = statOf(pid);
  if (!stat) return undefined;
  // utime, stime, cutime, cstime: fields 14 to 17 of proc(5), of which the first two are cut off here.
  const ticks = stat.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const bytes = (line: RegExp): number => Number(line.exec(status)?.[1] ?? 0) * 1024;
  const [peakRssBytes, rssBytes] = [bytes(/^VmHWM:\s+(\d+) kB$/m), bytes(/^VmRSS:\s+(\d+) kB$/m)];
  return { peakRssBytes, rssBytes, cpuSeconds: ticks / ticksPerSecond };
}

/** The fields of /proc/pid/stat after the command's name, which may contain anything; the first is the state. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch (thrown) {
    if (isGone(thrown)) return undefined;
    throw thrown;
  }
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of listProcesses()) {
    const parent = Number(statOf(Number(name))?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  return children;
}

function listProcesses(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch (cause) {
    throw new Failure({
      reason: "UsageError",
      message: "memory and processor time are read from /proc, which is Linux's",
      cause,
    });
  }
}

function isGone(thrown: unknown): boolean {
  const { code } = thrown as { code?: string };
  return code === "ENOENT" || code === "ESRCH";
}
