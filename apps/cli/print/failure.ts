// How a command that failed says so.

import { asFailure, Failure, formatWhere } from "@plumbline/core/model";

/** Writes what, where and the next step to stderr; answers the exit code: 2 for wrong usage, 1 for everything else. */
export function reportFailure(error: unknown): number {
  const failure = asFailure(error);
  const where = formatWhere(failure.where);
  const place = where !== "" && !failure.message.includes(where) ? `${where}: ` : "";
  process.stderr.write(`✗ ${place}${failure.message}\n`);
  if (failure.hint) process.stderr.write(`  ${failure.hint}\n`);
  if (!(error instanceof Failure) && error instanceof Error && process.env["PLUMB_DEBUG"]) {
    process.stderr.write(`${error.stack ?? ""}\n`);
  }
  return failure.reason === "UsageError" ? 2 : 1;
}
