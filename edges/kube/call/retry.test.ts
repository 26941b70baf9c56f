// Which attempts are repeated, as a table.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Attempt, MAX_ATTEMPTS, retryDelayMs } from "./retry.ts";

const answer = (status: number, retryAfterMs?: number): Attempt => ({ type: "answer", status, retryAfterMs });
const broken = (unsent: boolean): Attempt => ({ type: "broken", unsent });

test("retryDelayMs() sends again only what cannot do harm", () => {
  const rows: [Attempt, boolean, number, number | undefined][] = [
    [answer(429, 3000), false, 1, 3000],
    [answer(429), false, 1, 1000],
    [answer(429), false, MAX_ATTEMPTS, 1000],
    [answer(503, 2000), false, 1, 2000],
    [answer(503), false, 1, undefined],
    [answer(503), true, 1, 200],
    [answer(504), true, 3, 800],
    [answer(504), true, 4, undefined],
    [answer(500, 1000), true, 1, undefined],
    [answer(409), true, 1, undefined],
    [answer(404), true, 1, undefined],
    [broken(true), false, 1, 20],
    [broken(true), false, 5, 320],
    [broken(true), false, MAX_ATTEMPTS, undefined],
    [broken(false), false, 1, undefined],
    [broken(false), true, 1, 100],
    [broken(false), true, 4, undefined],
  ];
  for (const [attempt, repeatable, attempts, expected] of rows) {
    const delay = retryDelayMs(attempt, { repeatable, attempts, random: 0 });
    assert.equal(delay, expected, JSON.stringify([attempt, repeatable, attempts]));
  }
});

test("retryDelayMs() never comes earlier than the server asked", () => {
  assert.equal(retryDelayMs(answer(429, 1000), { repeatable: true, attempts: 1, random: 0.5 }), 1250);
});
