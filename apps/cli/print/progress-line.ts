// Progress of long work on stderr: one line that is written over on a terminal, a line now and then elsewhere.

import type { Clock } from "@plumbline/core/model";
import { cleanLine } from "@plumbline/core/model";

interface Stream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface ProgressLine {
  show: (text: string) => void;
  /** Takes the line away. */
  end: () => void;
}

/** Where nobody watches, a log should not fill up. */
const LINE_EVERY_MS = 5000;
const DEFAULT_COLUMNS = 80;

export function progressLine(stream: Stream, clock: Clock): ProgressLine {
  const isTerminal = stream.isTTY === true;
  const erase = "\r\u001b[2K";
  let last = clock.monotonic();
  return {
    show: (text) => {
      const line = cleanLine(text);
      if (isTerminal) {
        stream.write(`${erase}${line.slice(0, (stream.columns ?? DEFAULT_COLUMNS) - 1)}`);
      } else if (clock.monotonic() - last >= LINE_EVERY_MS) {
        last = clock.monotonic();
        stream.write(`${line}\n`);
      }
    },
    end: () => {
      if (isTerminal) stream.write(erase);
    },
  };
}
