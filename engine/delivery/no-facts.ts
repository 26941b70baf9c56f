// What is told of a delivery that did not run.

import type { RunFacts } from "@plumbline/core/model";

export function noFacts(delivery: { requestedAt: string | undefined }): RunFacts {
  const { requestedAt } = delivery;
  return {
    revision: undefined,
    digest: undefined,
    inventory: undefined,
    done: [],
    repairs: [],
    durationMs: 0,
    requestedAt,
  };
}
