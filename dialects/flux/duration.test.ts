// Go's durations, read and written.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Failure } from "@plumbline/core/model";
import { formatDuration, neverMs, parseDuration, parseInterval, shortestIntervalMs } from "./duration.ts";

test("durations are read as Go reads them", () => {
  const rows: [string, number][] = [
    ["60s", 60_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["500ms", 500],
    ["1m0.5s", 60_500],
    ["0", 0],
    ["0s", 0],
    ["1.000000001s", 1000.000001],
  ];
  for (const [text, milliseconds] of rows) assert.equal(parseDuration(text, "spec.interval"), milliseconds, text);
});

test("what is no duration is refused with its field", () => {
  for (const text of ["", "5", "5 m", "m", "-1s", "1d", "9999999999h", "1s".repeat(3) + "x"]) {
    assert.throws(
      () => parseDuration(text, "spec.interval"),
      (thrown) =>
        thrown instanceof Failure &&
        thrown.reason === "InvalidSpec" &&
        thrown.retry === "never" &&
        thrown.where?.field === "spec.interval",
      text,
    );
  }
});

test("an interval is never so short that it keeps everything busy, and none means never", () => {
  assert.equal(parseInterval("5m", "spec.interval"), 300_000);
  assert.equal(parseInterval("1ms", "spec.interval"), shortestIntervalMs);
  assert.equal(parseInterval("0s", "spec.interval"), neverMs);
  assert.equal(parseInterval("2000000h", "spec.interval"), neverMs);
  assert.throws(() => parseInterval("x", "spec.interval"));
});

test("a very long text of digits is refused in linear time", () => {
  const started = performance.now();
  assert.throws(() => parseDuration("1".repeat(200_000), "spec.interval"));
  assert.ok(performance.now() - started < 1000);
});

test("durations are written as Go writes them", () => {
  const rows: [number, string][] = [
    [0, "0s"],
    [570_000, "9m30s"],
    [120_000, "2m0s"],
    [3_600_000, "1h0m0s"],
    [1094.013654, "1.094013654s"],
    [672.064947, "672.064947ms"],
    [0.0015, "1.5µs"],
    [0.000007, "7ns"],
    [90_061_000, "25h1m1s"],
  ];
  for (const [milliseconds, text] of rows) assert.equal(formatDuration(milliseconds), text);
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (microseconds) => {
      const milliseconds = microseconds / 1000;
      assert.equal(parseDuration(formatDuration(milliseconds), "f"), milliseconds);
    }),
  );
});
