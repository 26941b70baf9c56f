// Cuts a byte stream at line feeds without decoding it first; memory stays at one line.

import { Failure } from "@plumbline/core/model";

/** One object in a watch frame; etcd takes 1.5 MiB, aggregated servers may hold larger ones. */
export const MAX_LINE_BYTES = 32 * 1024 * 1024;

export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(onLine: (line: string) => void, maxBytes: number = MAX_LINE_BYTES) {
    this.#onLine = onLine;
    this.#maxBytes = maxBytes;
  }

  /** Calls back for each line that is complete. Throws `Failure` (`LimitExceeded`) for one without end. */
  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#take(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start === chunk.length) return;
    this.#parts.push(chunk.subarray(start));
    this.#size += chunk.length - start;
    if (this.#size > this.#maxBytes) {
      throw new Failure({
        reason: "LimitExceeded",
        message: `a watch frame is longer than ${this.#maxBytes} bytes`,
        hint: "Watch metadata only.",
      });
    }
  }

  #take(last: Buffer): void {
    const line = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#size = 0;
    if (line.length > 0) this.#onLine(line.toString("utf8"));
  }
}
