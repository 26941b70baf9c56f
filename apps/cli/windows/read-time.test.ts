// Times as people type them after `--at`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { readAt, readZoneOf } from "./read-time.ts";

const text = (at: number): string => Temporal.Instant.fromEpochMilliseconds(at).toString();

const rows: [string, string, string][] = [
  ["2026-11-23T08:00:00+01:00", "America/New_York", "2026-11-23T07:00:00Z"],
  ["2026-11-23T08:00:00Z", "Europe/Stockholm", "2026-11-23T08:00:00Z"],
  ["2026-11-23T08:00", "Europe/Stockholm", "2026-11-23T07:00:00Z"],
  ["2026-11-23 08:00", "America/New_York", "2026-11-23T13:00:00Z"],
  ["2026-11-23", "Asia/Kathmandu", "2026-11-22T18:15:00Z"],
  ["2026-03-29T02:30", "Europe/Stockholm", "2026-03-29T01:30:00Z"],
];
for (const [given, zone, expected] of rows) {
  test(`--at ${given} in ${zone}`, () => assert.equal(text(readAt(given)(zone)), expected));
}

for (const given of ["", "soon", "2026-02-30", "2026-11-23T25:00", "08:00", "2026-11-23T08", "9".repeat(400)]) {
  test(`--at ${JSON.stringify(given.slice(0, 20))} is refused as wrong usage`, () => {
    assert.throws(
      () => readAt(given),
      (error) => error instanceof Failure && error.reason === "UsageError",
    );
  });
}

test("a zone is an IANA name", () => {
  const read = ["Europe/Stockholm", "UTC", "Mars/Base", "+02:00", "", 7, undefined].map(readZoneOf);
  assert.deepEqual(read, ["Europe/Stockholm", "UTC", undefined, undefined, undefined, undefined, undefined]);
});
