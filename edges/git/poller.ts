// Joins the questions that are asked of one remote at about the same time into one `ls-refs`.

import type { AdvertisedRef } from "@plumbline/core/source";
import { untilAborted } from "./single-flight.ts";

export interface PollRequest {
  prefixes: readonly string[];
  /** Accept an answer that is at most this old. */
  maxAgeMs: number;
  signal?: AbortSignal | undefined;
}

export interface Poller {
  /** The references that start with the prefixes, as the remote has them now. */
  ask(request: PollRequest): Promise<readonly AdvertisedRef[]>;
}

interface Batch {
  prefixes: Set<string>;
  answer: Promise<readonly AdvertisedRef[]>;
  waiting: number;
  controller: AbortController;
}

interface Answer {
  at: number;
  refs: readonly AdvertisedRef[];
}

/**
 * `list` does the work. A question joins the batch that has not started yet, never one under way: its answer could be
 * older than the question (a webhook may have come between). `now` is monotonic milliseconds.
 */
export function createPoller(
  list: (prefixes: readonly string[], signal: AbortSignal) => Promise<AdvertisedRef[]>,
  now: () => number,
): Poller {
  let scheduled: Batch | undefined;
  let running: Promise<unknown> = Promise.resolve();
  const answers = new Map<string, Answer>();

  const schedule = (): Batch => {
    const controller = new AbortController();
    const batch: Batch = { prefixes: new Set(), waiting: 0, controller, answer: Promise.resolve([]) };
    batch.answer = running.then(gather).then(async () => {
      if (scheduled === batch) scheduled = undefined;
      controller.signal.throwIfAborted();
      const at = now();
      const prefixes = [...batch.prefixes];
      const refs = await list(prefixes, controller.signal);
      for (const prefix of prefixes) answers.set(prefix, { at, refs: startingWith(refs, [prefix]) });
      return refs;
    });
    running = batch.answer.catch(() => undefined); // each asker is told
    scheduled = batch;
    return batch;
  };

  const fresh = ({ prefixes, maxAgeMs }: PollRequest): readonly AdvertisedRef[] | undefined => {
    if (maxAgeMs <= 0) return undefined;
    const known = prefixes.map((prefix) => answers.get(prefix));
    const isFresh = known.every((answer) => answer !== undefined && now() - answer.at <= maxAgeMs);
    return isFresh ? known.flatMap((answer) => answer?.refs ?? []) : undefined;
  };

  return {
    async ask(request) {
      request.signal?.throwIfAborted();
      const known = fresh(request);
      if (known) return known;
      const batch = scheduled ?? schedule();
      for (const prefix of request.prefixes) batch.prefixes.add(prefix);
      batch.waiting++;
      try {
        return startingWith(await untilAborted(batch.answer, request.signal), request.prefixes);
      } finally {
        batch.waiting--;
        if (batch.waiting === 0) {
          if (scheduled === batch) scheduled = undefined;
          batch.controller.abort(new Error("nobody waits for this any more"));
        }
      }
    },
  };
}

/** Lets everybody who asks in this turn of the event loop come in. */
function gather(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function startingWith(refs: readonly AdvertisedRef[], prefixes: readonly string[]): AdvertisedRef[] {
  return refs.filter((ref) => prefixes.some((prefix) => ref.name.startsWith(prefix)));
}
