// How a command that failed says so.

import { asFailure, Failure, formatWhere, cleanText } from "@plumbline/core/model";

/** Wrong usage, as kubectl and git have it. */
const EXIT_USAGE = 2;
const EXIT_FAILED = 1;

/** Writes what, where and the next step to stderr; answers the exit code: 2 for wrong usage, 1 for everything else. */
export function reportFailure(error: unknown): number {
  process.stderr.write(failureText(error, process.env["PLUMB_DEBUG"] !== undefined));
  return asFailure(error).reason === "UsageError" ? EXIT_USAGE : EXIT_FAILED;
}

/** A mark, the place, the message; below it the next step; with `isDebugging` the stack of what is no Failure. */
export function failureText(error: unknown, isDebugging = false): string {
  const failure = asFailure(error);
  const where = formatWhere(failure.where);
  const place = where !== "" && !failure.message.includes(where) ? `${where}: ` : "";
  const isDefect = !(error instanceof Failure) && !isOfTheSystem(error);
  const stack = isDefect && isDebugging && error instanceof Error ? error.stack : undefined;
  const hint =
    failure.hint ?? (isDefect ? "This is a defect of plumb: run it again with PLUMB_DEBUG=1 and report it." : "");
  const lines = [`✗ ${place}${failure.message}`, ...(hint === "" ? [] : [`  ${hint}`]), ...(stack ? [stack] : [])];
  return `${cleanText(lines.join("\n"))}\n`;
}

/** A file that is missing, a port that is taken: the message says it all. */
function isOfTheSystem(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
}
