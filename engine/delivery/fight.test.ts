// How long a repair waits: not at all at first, ever longer in a fight, never longer than the interval.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectRef, Repair } from "@plumbline/core/model";
import { afterRepair, describeFight, type Fight, peaceInMs, repairDelayMs } from "./fight.ts";

const MINUTE = 60_000;
const INTERVAL = 10 * MINUTE;
const ref: ObjectRef = { group: "", version: "v1", kind: "ConfigMap", namespace: "a", name: "b" };

function repair(fields: string[] = ["data.value"], managers: string[] = ["rival"]): Repair {
  return { ref, what: fields.length > 0 ? "modified" : "deleted", managers, fields, afterMs: 0 };
}

/** Repairs as soon as each is allowed, `times` times; returns the waits before each. */
function fightOn(times: number, intervalMs: number, start = 0): { waits: number[]; fight: Fight; nowMs: number } {
  let fight: Fight | undefined;
  let nowMs = start;
  const waits: number[] = [];
  for (let i = 0; i < times; i++) {
    const wait = repairDelayMs(fight, nowMs, intervalMs);
    waits.push(wait);
    nowMs += wait;
    fight = afterRepair(fight, repair(), nowMs);
  }
  assert.ok(fight);
  return { waits, fight, nowMs };
}

test("repairDelayMs() is zero for the first three repairs in a minute, doubles then and stays at the interval", () => {
  assert.deepEqual(fightOn(6, INTERVAL).waits, [0, 0, 0, 10_000, 20_000, 40_000]);
  const { waits } = fightOn(14, 60 * MINUTE);
  assert.deepEqual(waits.slice(-3), [2_560_000, 60 * MINUTE, 60 * MINUTE], "also when that is longer than memory");
});

test("afterRepair() damps one field that is put right more than five times in ten minutes, not many fields once each", () => {
  let [same, different]: [Fight | undefined, Fight | undefined] = [undefined, undefined];
  for (let i = 0; i < 5; i++) {
    const nowMs = i * 90_000;
    same = afterRepair(same, repair(), nowMs);
    different = afterRepair(different, repair([`data.key${i}`]), nowMs);
  }
  const nowMs = 5 * 90_000;
  assert.equal(same?.isContested, true);
  assert.equal(repairDelayMs(same, nowMs - 90_000, INTERVAL), 10_000);
  assert.equal(different?.isContested, false);
  assert.equal(repairDelayMs(different, nowMs - 90_000, INTERVAL), 0);
});

test("a contested object stays so until it was left alone for ten minutes", () => {
  const { fight, nowMs } = fightOn(6, INTERVAL);
  assert.equal(fight.isContested, true);
  assert.equal(peaceInMs(fight, nowMs), 10 * MINUTE);
  assert.equal(peaceInMs(fight, nowMs + 9 * MINUTE), MINUTE);
  assert.equal(peaceInMs(fight, nowMs + 11 * MINUTE), 0);
});

test("describeFight() names the fields that are fought over and who writes them, in a stable order", () => {
  let { fight } = fightOn(5, INTERVAL);
  const said = describeFight(fight);
  assert.equal(said, "data.value is changed back again and again by rival");
  fight = afterRepair(fight, repair(["data.value", "data.other"], ["second", "rival"]), 200_000);
  assert.equal(describeFight(fight), "data.value is changed back again and again by rival, second");
  let gone: Fight | undefined;
  for (let i = 0; i < 5; i++) gone = afterRepair(gone, repair([], []), i);
  assert.ok(gone);
  assert.equal(describeFight(gone), "is deleted again and again");
});
