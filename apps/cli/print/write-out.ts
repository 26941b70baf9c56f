// Standard output without its stream, which takes longer to load than a short command runs.

import { writeSync } from "node:fs";

const STDOUT = 1;

/** Writes all of it. A reader that went away ends the process quietly, as it would with the stream. */
export function writeOut(text: string | Uint8Array): void {
  let rest = typeof text === "string" ? new TextEncoder().encode(text) : text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(STDOUT, rest));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "EPIPE") process.exit(0);
      if (code !== "EAGAIN") throw error;
      // A pipe that does not block and is full: the stream waits for its reader.
      process.stdout.write(rest);
      return;
    }
  }
}
