// One exchange read to its end: the body as text, within a limit.

import { gunzip } from "node:zlib";
import { Failure } from "@plumbline/core/model";
import type { Connection, WireRequest } from "../wire/exchange.ts";

export interface RawAnswer {
  status: number;
  body: string;
  header: (name: string) => string | undefined;
}

/** Thrown by `collect` when the connection broke. */
export class Broken extends Error {
  readonly unsent: boolean;
  constructor(cause: Error, unsent: boolean) {
    super(cause.message, { cause });
    this.unsent = unsent;
  }
}

/** Rejects with `Broken`, with a Failure (`LimitExceeded`), or with the signal's reason. */
export function collect(
  connection: Connection,
  request: WireRequest,
  options: { signal: AbortSignal; maxBytes: number },
): Promise<RawAnswer> {
  const { signal, maxBytes } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const chunks: Buffer[] = [];
    let size = 0;
    let status = 0;
    let header: RawAnswer["header"] = () => undefined;
    const settle = (act: () => void): void => {
      signal.removeEventListener("abort", onAbort);
      act();
    };
    const stop = (reason: Error): void => {
      cancel();
      settle(() => reject(reason));
    };
    const onAbort = (): void => stop(signal.reason as Error);
    const cancel = connection.send(request, {
      head: (code, read) => {
        status = code;
        header = read;
      },
      data: (chunk) => {
        size += chunk.length;
        if (size > maxBytes) stop(tooLong(request, maxBytes));
        else chunks.push(chunk);
      },
      end: () =>
        settle(() => {
          const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size);
          const encoding = header("content-encoding");
          if (encoding === undefined) return resolve({ status, body: bytes.toString("utf8"), header });
          decode(bytes, encoding, maxBytes).then((body) => resolve({ status, body, header }), reject);
        }),
      fail: (error, unsent) => settle(() => reject(new Broken(error, unsent))),
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

function decode(bytes: Buffer, encoding: string, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    if (encoding !== "gzip") return reject(new Broken(new Error(`the answer is encoded as "${encoding}"`), false));
    gunzip(bytes, { maxOutputLength: maxBytes }, (error, text) => {
      if (error) reject(new Broken(error, false));
      else resolve(text.toString("utf8"));
    });
  });
}

function tooLong(request: WireRequest, maxBytes: number): Failure {
  return new Failure({
    reason: "LimitExceeded",
    message: `${request.method} ${request.path.split("?", 1)[0]}: the answer is longer than ${maxBytes} bytes`,
    hint: "List in pages or with a selector.",
  });
}
