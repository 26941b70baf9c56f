// The end of a quick start: runs the work and turns whatever goes wrong into a message and an exit code.

import { reportFailure } from "../print/failure.ts";

/** Never rejects. */
export async function runQuickly(work: () => void | Promise<void>): Promise<void> {
  process.on("uncaughtException", (error) => process.exit(reportFailure(error)));
  try {
    await work();
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}
