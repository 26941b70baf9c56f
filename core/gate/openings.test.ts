// Openings within a span, beside what the window says at each instant.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "@plumbline/core/model";
import { openingsBetween, parseWindow, stateAt, type Window } from "@plumbline/core/gate";

const ms = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const text = (at: number): string => Temporal.Instant.fromEpochMilliseconds(at).toString();
function windowOf(timeZone: string, spec: JsonObject): Window {
  const identity = { kind: "MaintenanceWindow", namespace: "site", name: "w" };
  return parseWindow(identity, { timeZone, selects: { changes: ["Revision"] }, ...spec });
}
function spans(window: Window, start: string, end: string): string[] {
  return openingsBetween(window, { start: ms(start), end: ms(end) }).spans.map(
    (span) => `${text(span.start)} ${text(span.end)}`,
  );
}

const rows: [string, string, JsonObject, [string, string], string[]][] = [
  [
    "they are cut to the span",
    "Europe/Stockholm",
    { schedules: [{ open: "0 8 * * MON", close: "0 17 * * THU" }] },
    ["2026-11-25T00:00:00Z", "2026-12-01T00:00:00Z"],
    ["2026-11-25T00:00:00Z 2026-11-26T16:00:00Z", "2026-11-30T07:00:00Z 2026-12-01T00:00:00Z"],
  ],
  [
    "those that touch or overlap are one",
    "UTC",
    {
      schedules: [
        { open: "0 8 * * *", duration: "3h" },
        { open: "0 10 * * *", duration: "2h" },
        { open: "0 12 * * *", duration: "1h" },
      ],
    },
    ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
    ["2026-01-01T08:00:00Z 2026-01-01T13:00:00Z"],
  ],
  [
    "a freeze cuts one in two",
    "UTC",
    {
      schedules: [{ open: "0 8 * * *", duration: "10h" }],
      freezes: [{ from: "2026-01-01T10:00", to: "2026-01-01T12:00" }],
    },
    ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
    ["2026-01-01T08:00:00Z 2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z 2026-01-01T18:00:00Z"],
  ],
  [
    "a window of freezes alone is open between them",
    "UTC",
    { freezes: [{ from: "2026-01-01T10:00", to: "2026-01-01T12:00" }] },
    ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
    ["2026-01-01T00:00:00Z 2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z 2026-01-02T00:00:00Z"],
  ],
  [
    "a window with mistakes has none",
    "Mars/Base",
    { schedules: [{ open: "0 8 * * *", duration: "1h" }] },
    ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
    [],
  ],
];
for (const [name, zone, spec, [start, end], expected] of rows) {
  test(`openings: ${name}`, () => assert.deepEqual(spans(windowOf(zone, spec), start, end), expected));
}

test("openings: they begin and end where the window's state changes, over a change of the clocks", () => {
  const schedules = [
    { open: "15,45 * * * *", duration: "20m" },
    { open: "30 1 * * *", close: "0 4 * * *" },
  ];
  const window = windowOf("Europe/Stockholm", { schedules });
  const range = { start: ms("2026-10-24T12:07:00Z"), end: ms("2026-10-25T12:07:00Z") };
  const { spans: found, until } = openingsBetween(window, range);
  assert.equal(until, range.end);
  for (const { start, end } of found) {
    const states = [start - 1, start, end - 1, end].map((at) => stateAt(window, at).open);
    assert.deepEqual(states, [false, true, true, false], text(start));
  }
  for (let instant = range.start; instant < range.end; instant += 5 * 60_000) {
    const isWithin = found.some(({ start, end }) => start <= instant && instant < end);
    assert.equal(isWithin, stateAt(window, instant).open, text(instant));
  }
});

test("openings: a search of too many changes says how far it came", () => {
  const window = windowOf("UTC", {
    schedules: Array.from({ length: 64 }, () => ({ open: "* * * * *", duration: "1s" })),
  });
  const range = { start: ms("2026-01-01T00:00:00Z"), end: ms("2026-02-01T00:00:00Z") };
  const { spans: found, until } = openingsBetween(window, range);
  assert.ok(until > range.start && until < range.end);
  assert.ok(found.every(({ end }) => end <= until));
});
