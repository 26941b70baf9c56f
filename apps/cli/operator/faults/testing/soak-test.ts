// What both soaks assert. The seed is printed; PLUMBLINE_SOAK_SEED plays one again.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import type { TestContext } from "node:test";
import { soak, type SoakOptions } from "./soak.ts";

/** Growth of the heap after garbage collection from a third of the rounds to the end that is no leak. */
const MAX_HEAP_GROWTH_MIB = 6;
/** Of resident memory, which V8 and malloc give back when they like. */
const MAX_RSS_GROWTH_MIB = 60;

/** So many rounds must be over at the end, however slow the machine. */
export async function soakTest(
  t: TestContext,
  { minRounds, ...options }: Omit<SoakOptions, "seed"> & { minRounds: number },
): Promise<void> {
  const seed = Number(process.env["PLUMBLINE_SOAK_SEED"] ?? randomInt(1, 2 ** 31 - 1));
  t.diagnostic(`seed ${seed}`);
  const result = await soak(t, { ...options, seed });
  t.diagnostic(JSON.stringify(result));
  assert.ok(result.rounds >= minRounds && result.rounds <= options.rounds, `${result.rounds} rounds`);
  assert.equal(result.deaths, options.deaths);
  assert.ok(result.apiServerRestarts > 0, "the API server was never restarted");
  assert.ok(result.rewrittenHistories > 0, "history was never rewritten");
  const { heapMib, rssMib } = result;
  assert.ok(heapMib[1] - heapMib[0] <= MAX_HEAP_GROWTH_MIB, `the heap grew: ${heapMib.join(" to ")} MiB`);
  assert.ok(rssMib[1] - rssMib[0] <= MAX_RSS_GROWTH_MIB, `the memory grew: ${rssMib.join(" to ")} MiB`);
}
