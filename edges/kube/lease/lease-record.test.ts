// The rules of a lease as tables.

import assert from "node:assert/strict";
import { test } from "node:test";
import { claim, type LeaseRecord, leaseSpec, mayTake, observe, readLease, released } from "./lease-record.ts";

const now = Date.UTC(2026, 0, 1, 0, 0, 0, 123);
const held: LeaseRecord = {
  holder: "other",
  durationSeconds: 35,
  acquireTime: "2026-01-01T00:00:00.000000Z",
  renewTime: "2026-01-01T00:00:00.000000Z",
  transitions: 4,
};

test("a lease is live as long as it was seen to change within its own duration, whatever its timestamps say", () => {
  const first = observe(undefined, held, 1000);
  assert.equal(mayTake(first, "me", 1000 + 35_000), false);
  assert.equal(mayTake(first, "me", 1000 + 35_001), true);
  const same = observe(first, { ...held }, 20_000);
  assert.equal(same.changedAt, 1000, "the same record is no sign of life");
  const renewed = observe(first, { ...held, renewTime: "1999-01-01T00:00:00.000000Z" }, 20_000);
  assert.equal(renewed.changedAt, 20_000, "any change is one, even backwards in time");
  assert.equal(mayTake(renewed, "me", 50_000), false);
});

test("a free lease and one's own may be taken at once", () => {
  assert.equal(mayTake(observe(undefined, { ...held, holder: "" }, 0), "me", 0), true);
  assert.equal(mayTake(observe(undefined, { ...held, holder: "me" }, 0), "me", 0), true);
});

test("claim() counts transitions and keeps the time of acquisition while renewing", () => {
  const mine = { identity: "me", durationSeconds: 35, now };
  const time = "2026-01-01T00:00:00.123000Z";
  const fresh = { holder: "me", durationSeconds: 35, acquireTime: time, renewTime: time, transitions: 0 };
  assert.deepEqual(claim(undefined, mine), fresh);
  assert.deepEqual(claim(held, mine), { ...fresh, transitions: 5 });
  const own = { ...held, holder: "me" };
  assert.deepEqual(claim(own, mine), { ...own, renewTime: time });
  assert.deepEqual(released(own, now), { ...fresh, holder: "", durationSeconds: 1, transitions: 4 });
});

test("readLease() reads what leaseSpec() writes, and an empty or odd object as a free lease", () => {
  assert.deepEqual(readLease({ spec: leaseSpec(held) }), held);
  const free = { holder: "", durationSeconds: 0, acquireTime: "", renewTime: "", transitions: 0 };
  for (const object of [{}, { spec: {} }, { spec: { holderIdentity: 7, leaseDurationSeconds: "x" } }]) {
    assert.deepEqual(readLease(object), free);
  }
});
