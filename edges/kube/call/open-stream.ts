// An exchange whose answer has no end: waits for the head, then hands the bytes on.

import type { Failure } from "@plumbline/core/model";
import type { Cancel, Connection, Sink, WireRequest } from "../wire/exchange.ts";
import type { RawAnswer } from "./collect.ts";

/** A refusal's text is short; more of it is not read. */
const MAX_REFUSAL_CHUNKS = 16;

export interface OpenCourse {
  /** Hears what follows a 200. */
  sink: Pick<Sink, "data" | "end" | "fail">;
  signal: AbortSignal;
  /** Called once, with the status or 0 when no answer came. */
  record(status: number): void;
  refused(answer: RawAnswer): Failure;
}

/** Resolves when the server has said 200. Rejects with the refusal, the connection's error or the signal's reason. */
export function openStream(connection: Connection, wire: WireRequest, course: OpenCourse): Promise<Cancel> {
  const { sink, signal } = course;
  delete wire.headers["accept-encoding"];
  return new Promise((resolve, reject) => {
    let answer: RawAnswer = { status: 0, body: "", header: () => undefined };
    const refusal: Buffer[] = [];
    const isOpen = (): boolean => answer.status === 200;
    let cancel: Cancel = () => {};
    const onAbort = (): void => {
      cancel();
      reject(signal.reason as Error);
    };
    const settle = (act: () => void): void => {
      signal.removeEventListener("abort", onAbort);
      act();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    cancel = connection.send(wire, {
      head: (status, header) => {
        answer = { status, body: "", header };
        course.record(status);
        // `cancel` is set by now: an answer never comes within `send` itself.
        if (isOpen()) settle(() => resolve(cancel));
      },
      data: (chunk) => {
        if (isOpen()) sink.data(chunk);
        else if (refusal.length < MAX_REFUSAL_CHUNKS) refusal.push(chunk);
      },
      end: () => {
        if (isOpen()) return sink.end();
        const body = Buffer.concat(refusal).toString("utf8");
        settle(() => reject(course.refused({ ...answer, body })));
      },
      fail: (error, unsent) => {
        if (isOpen()) return sink.fail(error, unsent);
        if (answer.status === 0) course.record(0);
        settle(() => reject(error));
      },
    });
  });
}
