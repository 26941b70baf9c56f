// The operator in little memory: V8 and malloc are told to give back what is free rather than to keep it for speed.

import { execve, execArgv, execPath, argv, env, platform } from "node:process";

/**
 * V8 lets its heap grow to several times what lives in it, and keeps the pages it has cleared. With these it cleans up
 * when the heap has grown by 30 %, in one go instead of beside the work that makes more garbage meanwhile, gives pages
 * back, and has a nursery of 8 MiB instead of 32. They are set when V8 starts, so a program cannot set them for itself
 * (decision 0130). None of them is a ceiling.
 */
export const SMALL_HEAP: readonly string[] = [
  "--max-semi-space-size=8",
  "--heap-growing-percent=30",
  "--no-incremental-marking",
  "--no-memory-pool",
];

/** One arena of malloc for all threads: each further one keeps its own free memory (glibc; others do not read it). */
const SMALL_MALLOC = { MALLOC_ARENA_MAX: "1" };

/** The arguments for Node, or undefined when somebody chose the size of the heap already, we ourselves included. */
export function smallHeapArguments(given: readonly string[], nodeOptions: string): string[] | undefined {
  const isChosen = (text: string): boolean => /--max[-_](?:semi|old)[-_]space/.test(text);
  return given.some(isChosen) || isChosen(nodeOptions) ? undefined : [...SMALL_HEAP, ...given];
}

/** Whether this process runs with those settings. */
export function isInLittleMemory(): boolean {
  return SMALL_HEAP.every((setting) => execArgv.includes(setting));
}

/** Replaces this process by itself with those settings, same process id, and does not return. Elsewhere does nothing. */
export function useLittleMemory(): void {
  const settings = smallHeapArguments(execArgv, env["NODE_OPTIONS"] ?? "");
  if (!settings || !execve || platform !== "linux") return;
  try {
    execve(execPath, [argv[0] ?? execPath, ...settings, ...argv.slice(1)], { ...SMALL_MALLOC, ...env });
  } catch {
    // it may not start programs: it runs all the same and takes more memory
  }
}
