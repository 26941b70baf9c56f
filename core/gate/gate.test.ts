// Tables of openings over clock changes, of selections, of decisions, and of mistakes.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatFailure, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { decide, type GateChange, nextTurn, parseWindow, stateAt, type Window } from "@plumbline/core/gate";

const ms = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const text = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : Temporal.Instant.fromEpochMilliseconds(at).toString();

function windowOf(spec: JsonObject, name = "weekdays"): Window {
  const identity = { kind: "MaintenanceWindow", namespace: "site", name };
  return parseWindow(identity, { timeZone: "Europe/Stockholm", selects: { changes: ["Revision"] }, ...spec });
}
const scheduled = (timeZone: string, ...schedules: JsonObject[]): Window => windowOf({ timeZone, schedules });

const change: GateChange = {
  delivery: { kind: "Kustomization", namespace: "site", name: "panel", labels: { tier: "line" } },
  resource: { group: "apps", kind: "Deployment", name: "hmi", labels: { app: "hmi" } },
  class: "Revision",
};

// zone, schedule, looked at from, opens, closes
const openings: [string, string, JsonObject, string, string, string][] = [
  [
    "Monday 8:00 to Thursday 17:00 keeps its wall-clock ends over the change to summer time",
    "Europe/Stockholm",
    { open: "0 8 * * MON", close: "0 17 * * THU" },
    "2026-03-27T00:00:00Z",
    "2026-03-30T06:00:00Z",
    "2026-04-02T15:00:00Z",
  ],
  [
    "an opening inside a gap opens at its end",
    "Europe/Stockholm",
    { open: "30 2 * * *", close: "0 6 * * *" },
    "2026-03-28T12:00:00Z",
    "2026-03-29T01:00:00Z",
    "2026-03-29T04:00:00Z",
  ],
  [
    "a duration counts from the end of the gap",
    "Europe/Stockholm",
    { open: "15 2 * * *", duration: "30m" },
    "2026-03-28T12:00:00Z",
    "2026-03-29T01:00:00Z",
    "2026-03-29T01:30:00Z",
  ],
  [
    "a window that lies in a gap altogether does not open that day",
    "Europe/Stockholm",
    { open: "15 2 * * *", close: "45 2 * * *" },
    "2026-03-28T12:00:00Z",
    "2026-03-30T00:15:00Z",
    "2026-03-30T00:45:00Z",
  ],
  [
    "an opening inside an overlap opens at the first of the two",
    "Europe/Stockholm",
    { open: "30 2 * * *", duration: "20m" },
    "2026-10-24T12:00:00Z",
    "2026-10-25T00:30:00Z",
    "2026-10-25T00:50:00Z",
  ],
  [
    "and does not open again at the second",
    "Europe/Stockholm",
    { open: "30 2 * * *", duration: "20m" },
    "2026-10-25T00:55:00Z",
    "2026-10-26T01:30:00Z",
    "2026-10-26T01:50:00Z",
  ],
  [
    "eight hours over the change to winter time end at the same reading",
    "America/New_York",
    { open: "0 22 * * SAT", duration: "PT8H" },
    "2026-10-31T12:00:00Z",
    "2026-11-01T02:00:00Z",
    "2026-11-01T11:00:00Z",
  ],
  [
    "a month's last day runs into the next month",
    "UTC",
    { open: "0 20 31 * *", duration: "1d" },
    "2026-02-10T00:00:00Z",
    "2026-03-31T20:00:00Z",
    "2026-04-01T20:00:00Z",
  ],
  [
    "a leap day is found years ahead",
    "UTC",
    { open: "0 0 29 2 *", duration: "1h" },
    "2096-03-01T00:00:00Z",
    "2104-02-29T00:00:00Z",
    "2104-02-29T01:00:00Z",
  ],
  [
    "one-off times are instants, whatever the zone",
    "Asia/Kathmandu",
    { open: "2026-05-01T08:00:00+02:00", close: "2026-05-01T09:00:00Z" },
    "2026-01-01T00:00:00Z",
    "2026-05-01T06:00:00Z",
    "2026-05-01T09:00:00Z",
  ],
  [
    "a one-off in the second half of an overlap closes after it opened",
    "Europe/Stockholm",
    { open: "2026-10-25T02:10:00+01:00", duration: "20m" },
    "2026-01-01T00:00:00Z",
    "2026-10-25T01:10:00Z",
    "2026-10-25T01:30:00Z",
  ],
];
for (const [name, zone, schedule, from, opens, closes] of openings) {
  test(name, () => {
    const window = scheduled(zone, schedule);
    assert.deepEqual(window.failures.map(formatFailure), []);
    const before = stateAt(window, ms(from));
    assert.deepEqual([before.open, text(before.nextOpen), text(before.nextClose)], [false, opens, closes]);
    assert.equal(stateAt(window, ms(opens) - 1).open, false);
    const during = stateAt(window, ms(opens));
    assert.deepEqual([during.open, text(during.since), text(during.nextClose)], [true, opens, closes]);
    const after = stateAt(window, ms(closes));
    assert.deepEqual([after.open, text(after.since)], [false, closes]);
  });
}

test("openings that touch or overlap are one window", () => {
  const window = scheduled("UTC", { open: "0 8 * * *", duration: "2h" }, { open: "0 10 * * *", close: "0 12 * * *" });
  const state = stateAt(window, ms("2026-01-01T11:00:00Z"));
  assert.deepEqual([text(state.since), text(state.nextClose)], ["2026-01-01T08:00:00Z", "2026-01-01T12:00:00Z"]);
});

test("a window that never closes says so by leaving the closing out", () => {
  const state = stateAt(scheduled("UTC", { open: "* * * * *", duration: "5m" }), ms("2026-01-01T00:00:00Z"));
  assert.deepEqual([state.open, state.nextClose], [true, undefined]);
});

test("a freeze beats every opening, its last date included, and tells its reason and end", () => {
  const freezes = [{ from: "2026-12-24", to: "2026-12-26", reason: "inventory" }];
  const window = windowOf({ schedules: [{ open: "0 8 * * *", duration: "10h" }], freezes });
  const other = windowOf({ schedules: [{ open: "0 0 * * *", duration: "1d" }] }, "always");
  assert.equal(stateAt(window, ms("2026-12-25T09:00:00Z")).freeze?.reason, "inventory");
  assert.deepEqual(decide(change, [window, other], ms("2026-12-26T22:59:59Z")), {
    go: false,
    reason: "frozen by MaintenanceWindow/site/weekdays: inventory",
    until: "2026-12-26T23:00:00Z",
    windows: ["MaintenanceWindow/site/always", "MaintenanceWindow/site/weekdays"],
  });
  assert.deepEqual(decide(change, [window, other], ms("2026-12-26T23:00:00Z")), { go: true });
  assert.deepEqual(decide(change, [window], ms("2026-12-26T23:00:00Z")), {
    go: false,
    reason: "outside of the maintenance window MaintenanceWindow/site/weekdays",
    until: "2026-12-27T07:00:00Z",
    windows: ["MaintenanceWindow/site/weekdays"],
  });
});

test("a window of freezes alone holds in them and opens nothing", () => {
  const frozen = windowOf({ freezes: [{ from: "2026-05-01T08:00", to: "2026-05-01T12:00" }] }, "freeze");
  const window = windowOf({ schedules: [{ open: "0 14 * * *", duration: "1h" }] });
  assert.equal(decide(change, [frozen], ms("2026-05-01T05:59:59Z")).go, true);
  assert.equal(decide(change, [frozen], ms("2026-05-01T06:00:00Z")).go, false);
  assert.equal(decide(change, [frozen, window], ms("2026-05-01T05:00:00Z")).go, false);
});

const selections: [string, JsonValue, boolean][] = [
  ["nothing given", {}, false],
  ["an empty list of deliveries", { deliveries: [] }, false],
  ["a selector without a condition", { deliveries: [{}] }, false],
  ["an empty list of classes", { deliveries: [{ name: "panel" }], changes: [] }, false],
  ["the delivery's name", { deliveries: [{ kind: "Kustomization", name: "panel", namespace: "site" }] }, true],
  ["another delivery's name", { deliveries: [{ name: "other" }] }, false],
  ["the delivery's labels", { deliveries: [{ labels: { tier: "line" } }] }, true],
  ["a label that is not there", { deliveries: [{ labels: { toString: "x" } }] }, false],
  ["the resource's kind", { resources: [{ group: "apps", kind: "Deployment" }] }, true],
  ["another group", { resources: [{ group: "", kind: "Deployment" }] }, false],
  ["the resource's labels and another name", { resources: [{ name: "x", labels: { app: "hmi" } }] }, false],
  ["another class", { resources: [{ kind: "Deployment" }], changes: ["Drift", "Prune"] }, false],
];
for (const [name, selection, selected] of selections) {
  test(`selecting ${name} ${selected ? "holds" : "does not hold"} the change`, () => {
    const window = windowOf({ schedules: [{ open: "0 0 1 1 *", duration: "1h" }], selects: selection });
    assert.deepEqual(window.failures.map(formatFailure), []);
    assert.equal(decide(change, [window], ms("2026-06-01T00:00:00Z")).go, !selected);
  });
}

test("a namespaced window reaches its own namespace, a cluster's reaches all", () => {
  const elsewhere = { ...change, delivery: { ...change.delivery, namespace: "elsewhere" } };
  const spec = {
    timeZone: "UTC",
    schedules: [{ open: "0 0 1 1 *", duration: "1h" }],
    selects: { changes: ["Revision"] },
  };
  const cluster = parseWindow({ kind: "ClusterMaintenanceWindow", namespace: "", name: "all" }, spec);
  const now = ms("2026-06-01T00:00:00Z");
  assert.equal(decide(elsewhere, [windowOf(spec)], now).go, true);
  assert.equal(decide(elsewhere, [cluster], now).go, false);
});

const hour = { open: "0 8 * * *", duration: "1h" };
// spec, field, part of the message
const mistakes: [JsonObject, string, RegExp][] = [
  [{ schedules: [{ open: "0 8 * *", duration: "1h" }] }, "spec.schedules[0].open", /has 4 fields, not 5/],
  [{ schedules: [{ open: "61 8 * * *", duration: "1h" }] }, "spec.schedules[0].open", /bad cron .*61/],
  [{ schedules: [{ open: "0 8 L * *", duration: "1h" }] }, "spec.schedules[0].open", /"L" is no cron field/],
  [{ schedules: [{ open: "0 8 30 2 *", duration: "1h" }] }, "spec.schedules[0].open", /never comes up/],
  [{ schedules: [hour, { open: "0 8 * * *", duration: "0h" }] }, "spec.schedules[1].duration", /is zero/],
  [{ schedules: [{ open: "0 8 * * *", duration: "-PT1H" }] }, "spec.schedules[0].duration", /is negative/],
  [{ schedules: [{ open: "0 8 * * *", duration: "367d" }] }, "spec.schedules[0].duration", /too long/],
  [{ schedules: [{ open: "0 8 * * *", duration: "soon" }] }, "spec.schedules[0].duration", /no duration/],
  [{ schedules: [{ open: "0 8 * * *" }] }, "spec.schedules[0]", /never closes/],
  [{ schedules: [{ ...hour, close: "0 9 * * *" }] }, "spec.schedules[0]", /closes twice/],
  [
    { schedules: [{ open: "2026-05-02T00:00:00Z", close: "2026-05-01T00:00:00Z" }] },
    "spec.schedules[0].close",
    /not after the opening/,
  ],
  [{ schedules: [{ open: "0 8 * * *", close: "2026-05-01T00:00:00Z" }] }, "spec.schedules[0].close", /is a time/],
  [{ schedules: [{ open: "2026-13-01T00:00:00Z", duration: "1h" }] }, "spec.schedules[0].open", /no such time/],
  [{ schedules: [7] }, "spec.schedules[0]", /not a mapping/],
  [{ schedules: Array.from({ length: 65 }, () => hour) }, "spec.schedules", /65 entries, more than 64/],
  [{ schedules: [hour], timeZone: "Europe/Stokholm" }, "spec.timeZone", /unknown time zone "Europe\/Stokholm"/],
  [{ schedules: [hour], timeZone: "+02:00" }, "spec.timeZone", /unknown time zone/],
  [{ schedules: [hour], timeZone: null }, "spec.timeZone", /is missing/],
  [{ schedules: [hour], freezes: [{ from: "2026-05-02", to: "2026-05-01" }] }, "spec.freezes[0]", /before it begins/],
  [{ schedules: [hour], freezes: [{ from: "2026-02-30", to: "2026-05-01" }] }, "spec.freezes[0].from", /no such time/],
  [{ schedules: [hour], atClose: "Stop" }, "spec.atClose", /neither Finish nor Pause/],
  [{ schedules: [hour], selects: { delivery: [] } }, "spec.selects.delivery", /no known field/],
  [{ schedules: [hour], selects: { changes: ["Drfit"] } }, "spec.selects.changes[0]", /no class of changes/],
  [{}, "spec", /neither schedules nor freezes/],
];
for (const [spec, field, message] of mistakes) {
  test(`${field}: ${message.source} is told, and the window holds`, () => {
    const window = windowOf(spec);
    assert.deepEqual(
      window.failures.map((failure) => failure.where?.field),
      [field],
    );
    assert.match(window.failures[0]?.message ?? "", message);
    assert.equal(stateAt(window, ms("2026-06-01T08:30:00Z")).open, false);
    const decision = decide(change, [window], ms("2026-06-01T08:30:00Z"));
    assert.ok(!decision.go && decision.reason.startsWith("held by an invalid window") && !decision.until);
  });
}

test("all mistakes of a spec are told at once", () => {
  const window = windowOf({ timeZone: "Mars/Base", schedules: [{ open: "x" }, { open: "0 8 * *", duration: "1h" }] });
  assert.equal(window.failures.length, 3);
});

const zones = [
  "UTC",
  "Europe/Stockholm",
  "Europe/London",
  "Europe/Dublin",
  "America/New_York",
  "America/Los_Angeles",
  "America/St_Johns",
  "America/Santiago",
  "America/Havana",
  "Australia/Lord_Howe",
  "Australia/Sydney",
  "Pacific/Chatham",
  "Asia/Kathmandu",
  "Africa/Casablanca",
];

/** The clock changes of a zone from 2024 to 2028. */
function clockChanges(zone: string): number[] {
  const found: number[] = [];
  let at = Temporal.ZonedDateTime.from(`2024-01-01T00:00[${zone}]`).getTimeZoneTransition("next");
  for (; at && at.year < 2029; at = at.getTimeZoneTransition("next")) found.push(at.epochMilliseconds);
  return found.length > 0 ? found : [ms("2026-03-29T01:00:00Z")];
}

const cron = fc
  .record({ minute: fc.constantFrom(0, 1, 15, 30, 59), hour: fc.nat(5), day: fc.constantFrom("*", "0", "SUN,MON") })
  .map(({ minute, hour: at, day }) => `${minute} ${at} * * ${day}`);
const schedule = fc.oneof(
  fc.record({ open: cron, close: cron }),
  fc.record({ open: cron, duration: fc.integer({ min: 1, max: 1300 }).map((minutes) => `${minutes}m`) }),
);

for (const zone of zones) {
  test(`near the clock changes of ${zone} openings open, closings close and follow them`, () => {
    const near = fc
      .tuple(fc.constantFrom(...clockChanges(zone)), fc.integer({ min: -2880, max: 2880 }))
      .map(([at, minutes]) => at + minutes * 60_000);
    const property = fc.property(fc.array(schedule, { minLength: 1, maxLength: 2 }), near, (schedules, now) => {
      const window = scheduled(zone, ...schedules);
      const { open, since, nextOpen, nextClose } = stateAt(window, now);
      if (since !== undefined) {
        assert.ok(since <= now);
        assert.deepEqual([stateAt(window, since - 1).open, stateAt(window, since).open], [!open, open]);
      }
      for (const [at, opens] of [
        [nextOpen, true],
        [nextClose, false],
      ] as const) {
        if (at === undefined) continue;
        assert.ok(at > now);
        assert.deepEqual([stateAt(window, at - 1).open, stateAt(window, at).open], [!opens, opens]);
      }
      if (nextOpen === undefined || nextClose === undefined) return;
      // No change of state hides between now and the first one that is told.
      assert.equal(open, nextClose < nextOpen);
      const first = Math.min(nextOpen, nextClose);
      const middle = Math.floor((now + first) / 2);
      assert.equal(stateAt(window, middle).open, open);
    });
    fc.assert(property, { numRuns: 12, seed: 7 });
  });
}

test("between now and the next turn of any window no decision changes, whatever windows stand together", () => {
  const start = ms("2026-03-27T00:00:00Z");
  const hours = fc.integer({ min: 0, max: 96 });
  const freeze = fc.tuple(hours, fc.integer({ min: 1, max: 30 })).map(([from, length]) => ({
    from: new Date(start + from * 3_600_000).toISOString(),
    to: new Date(start + (from + length) * 3_600_000).toISOString(),
  }));
  const spec = fc.record({
    schedules: fc.array(schedule, { maxLength: 2 }),
    freezes: fc.array(freeze, { minLength: 1, maxLength: 2 }),
  });
  const zoneOf = fc.constantFrom("UTC", "Europe/Stockholm", "Australia/Lord_Howe");
  const property = fc.property(fc.array(fc.tuple(zoneOf, spec), { minLength: 1, maxLength: 3 }), hours, (specs, at) => {
    const windows = specs.map(([timeZone, given], i) => windowOf({ timeZone, ...given }, `w${i}`));
    const now = start + at * 3_600_000;
    const turn = Math.min(...windows.map((window) => nextTurn(window, now)));
    assert.ok(turn > now);
    const decision = decide(change, windows, now);
    const end = Math.min(turn, now + 8 * 86_400_000);
    for (const part of [0.01, 0.37, 0.5, 0.93]) {
      assert.deepEqual(decide(change, windows, Math.floor(now + (end - now) * part)), decision);
    }
    assert.deepEqual(decide(change, windows, end - 1), decision);
  });
  fc.assert(property, { numRuns: 150, seed: 11 });
});

test("an opening that is said twice is one, and a search through many that touch stays short", () => {
  const twice = windowOf({
    schedules: [
      { open: "* * * * *", duration: "61s" },
      { open: "* * * * *", duration: "61s" },
    ],
  });
  assert.equal(twice.calendar.schedules.length, 1);
  const many = windowOf({
    schedules: Array.from({ length: 64 }, (_, i) => ({ open: "* * * * *", duration: `${61 + i}s` })),
  });
  let asked = 0;
  const counted = many.calendar.schedules.map((each) => ({
    at: (instant: number) => (asked++, each.at(instant)),
    after: (instant: number) => (asked++, each.after(instant)),
  }));
  const state = stateAt({ ...many, calendar: { ...many.calendar, schedules: counted } }, ms("2026-06-01T08:30:30Z"));
  assert.deepEqual([state.open, state.nextClose], [true, undefined]);
  assert.ok(asked <= 64 * 20 * 6, `${asked} questions`);
});
