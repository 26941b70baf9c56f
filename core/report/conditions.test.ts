// Conditions: times, order, length.

import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionsFrom, longestMessage } from "./conditions.ts";

const earlier = "2026-01-01T00:00:00Z";
const now = { generation: 2, at: "2026-02-02T00:00:00Z" };
const ready = { type: "Ready", status: "True", reason: "Succeeded", message: "done" } as const;

test("the time of a condition moves exactly when status, reason or message do", () => {
  const recorded = [{ ...ready, lastTransitionTime: earlier, observedGeneration: 1 }];
  const rows = [
    [{}, earlier],
    [{ message: "other" }, now.at],
    [{ reason: "Other" }, now.at],
    [{ status: "False" as const }, now.at],
  ] as const;
  for (const [change, time] of rows) {
    const conditions = conditionsFrom(recorded, now);
    conditions.set({ ...ready, ...change });
    assert.deepEqual(conditions.list(), [{ ...ready, ...change, lastTransitionTime: time, observedGeneration: 2 }]);
  }
});

test("the order is Stalled, Reconciling, Ready, then the newest generation, then the name", () => {
  const other = (type: string, observedGeneration: number) => ({
    ...ready,
    type,
    observedGeneration,
    lastTransitionTime: earlier,
  });
  const conditions = conditionsFrom([other("A", 1), other("Z", 2), other("B", 2)], now);
  for (const type of ["Ready", "Reconciling", "Stalled"]) conditions.set({ ...ready, type });
  const types = conditions.list().map((entry) => (entry as { type: string }).type);
  assert.deepEqual(types, ["Stalled", "Reconciling", "Ready", "B", "Z", "A"]);
});

test("a message that is too long is cut to what the API server takes, never inside a character", () => {
  for (const text of ["x".repeat(40_000), "é".repeat(40_000), `a${"🙂".repeat(20_000)}`]) {
    const conditions = conditionsFrom(undefined, now);
    conditions.set({ ...ready, message: text });
    const message = conditions.get("Ready")?.message ?? "";
    const bytes = new TextEncoder().encode(message).length;
    assert.ok(bytes <= longestMessage && bytes > longestMessage - 8, String(bytes));
    assert.ok(message.endsWith("...") && text.startsWith(message.slice(0, -3)));
  }
});

test("what is no condition in the recorded list is left out", () => {
  const recorded = [
    null,
    "x",
    {},
    { type: 3 },
    { ...ready, lastTransitionTime: earlier },
    { ...ready, message: "twice" },
  ];
  assert.deepEqual(conditionsFrom(recorded, now).list(), [{ ...ready, lastTransitionTime: earlier }]);
  assert.deepEqual(conditionsFrom("x", now).list(), []);
});
