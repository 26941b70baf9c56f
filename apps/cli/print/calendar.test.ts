// Pictures of two weeks, over both changes of the clocks, with and without colours and signs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Interval, openingsBetween, parseWindow, stateAt, type Window } from "@plumbline/core/gate";
import type { JsonObject } from "@plumbline/core/model";
import { calendarBlock, type CalendarStyle, legend } from "./calendar.ts";
import { dayOf, type Times } from "./day-cells.ts";

const plain: CalendarStyle = { colours: false, unicode: true, width: 80 };
const at = (text: string, zone: string) => ({ now: Temporal.Instant.from(text).epochMilliseconds, zone });

function windowOf(timeZone: string, spec: JsonObject): Window {
  const identity = { kind: "MaintenanceWindow", namespace: "plant", name: "w" };
  const window = parseWindow(identity, { timeZone, selects: { changes: ["Revision"] }, ...spec });
  assert.deepEqual(window.failures, []);
  return window;
}

function timesOf(window: Window, zone: string, range: Interval): Times {
  const { spans, until } = openingsBetween(window, range);
  return { zone, now: 0, openings: spans, freezes: window.calendar.freezes, until };
}

const stockholm = windowOf("Europe/Stockholm", {
  schedules: [
    { open: "0 8 * * MON", close: "0 17 * * THU" },
    { open: "15 1 * * SUN", duration: "3h" },
  ],
  freezes: [{ from: "2026-03-30T12:00", to: "2026-03-31", reason: "inventory of the north hall" }],
});

const spring = `            00  02  04  06  08  10  12  14  16  18  20  22
▸Mon 23 Mar ················████████◆███████████████████████ 08:00–24:00
 Tue 24 Mar ████████████████████████████████████████████████ all day
 Wed 25 Mar ████████████████████████████████████████████████ all day
 Thu 26 Mar ██████████████████████████████████·············· 00:00–17:00
 Fri 27 Mar ················································
 Sat 28 Mar ················································
 Sun 29 Mar ··▒█  ██▒······································· 01:15–04:15

 Mon 30 Mar ················████████×××××××××××××××××××××××× 08:00–12:00 inven…
 Tue 31 Mar ×××××××××××××××××××××××××××××××××××××××××××××××× inventory of the …
 Wed  1 Apr ████████████████████████████████████████████████ all day
 Thu  2 Apr ██████████████████████████████████·············· 00:00–17:00
 Fri  3 Apr ················································
 Sat  4 Apr ················································
 Sun  5 Apr ··▒█████▒······································· 01:15–04:15
  Sun 29 Mar: the clocks go forward 1 h, to 03:00`;

test("two weeks over the change to summer time: the skipped hour is blank, freezes say why", () => {
  const { lines, usedSigns } = calendarBlock(stockholm, at("2026-03-23T11:10:00Z", "Europe/Stockholm"), plain);
  assert.equal(lines.join("\n"), spring);
  assert.ok(lines.every((line) => line.length < 80));
  const meaning = "█ open   ▒ partly open   · closed   × frozen   ◆ now, open";
  assert.equal(legend(usedSigns, plain), meaning);
});

test("the same in ASCII has the same cells", () => {
  const now = at("2026-03-23T11:10:00Z", "Europe/Stockholm");
  const { lines, usedSigns } = calendarBlock(stockholm, now, { ...plain, unicode: false });
  const table: Record<string, string> = { "█": "#", "▒": "+", "·": ".", "×": "x", "◆": "O", "▸": ">", "–": "-" };
  const cells = (text: string): string =>
    text
      .split("\n")
      .map((line) => line.slice(0, 60))
      .join("\n");
  const expected = spring.replaceAll(/[^\n -~]/g, (sign) => table[sign] ?? sign);
  assert.equal(cells(lines.slice(0, -1).join("\n")), cells(expected.split("\n").slice(0, -1).join("\n")));
  assert.match(lines.join("\n"), /^[\n -~]*$/);
  assert.equal(
    legend(usedSigns, { ...plain, unicode: false }),
    "# open   + partly open   . closed   x frozen   O now, open",
  );
});

test("on the day with 25 hours a cell that comes twice is open for a part when one of them is", () => {
  const window = windowOf("Europe/Stockholm", { schedules: [{ open: "30 2 * * *", duration: "30m" }] });
  const { lines } = calendarBlock(window, at("2026-10-25T01:40:00Z", "Europe/Stockholm"), plain);
  assert.equal(lines[1], "▸Sun 25 Oct ····▒◆·········································· 02:30–03:00");
  assert.equal(lines.at(-1), "  Sun 25 Oct: the clocks go back 1 h, to 02:00");
});

test("half an hour of change, as on Lord Howe Island", () => {
  const window = windowOf("Australia/Lord_Howe", { schedules: [{ open: "0 1 * * *", duration: "4h" }] });
  const { lines } = calendarBlock(window, at("2026-10-02T00:00:00Z", "Australia/Lord_Howe"), plain);
  assert.equal(lines[3], " Sun  4 Oct ··██ █████······································ 01:00–05:00");
  assert.equal(lines.at(-1), "  Sun  4 Oct: the clocks go forward 30 min, to 02:30");
});

test("a narrow terminal gets whole hours, and words only where there is room", () => {
  const now = at("2026-03-23T11:10:00Z", "Europe/Stockholm");
  for (const width of [37, 50, 60]) {
    const { lines } = calendarBlock(stockholm, now, { ...plain, width });
    assert.ok(
      lines.slice(0, -1).every((line) => line.length < width),
      `${width}`,
    );
    assert.equal(lines[0], "            00 03 06 09 12 15 18 21");
    assert.equal(lines[4]?.slice(0, 36), " Thu 26 Mar █████████████████·······");
    assert.equal(lines[4]?.slice(36), width === 37 ? "" : " 00:00–17:00");
  }
});

test("colours change nothing but colours", () => {
  const now = at("2026-03-23T11:10:00Z", "Europe/Stockholm");
  const { lines } = calendarBlock(stockholm, now, { ...plain, colours: true });
  // oxlint-disable-next-line no-control-regex -- escape sequences are what is taken away
  assert.equal(lines.join("\n").replaceAll(/\u001b\[[0-9;]*m/g, ""), spring);
  // oxlint-disable-next-line no-control-regex -- as above
  assert.match(lines[1] ?? "", /\u001b\[32m█{8}\u001b\[39m/);
});

test("a window of freezes alone shows what it leaves to others", () => {
  const freezes = [{ from: "2026-12-24", to: "2026-12-26", reason: "closed\u001b[2J down" }];
  const window = windowOf("UTC", { freezes });
  const { lines, usedSigns } = calendarBlock(window, at("2026-12-23T12:00:00Z", "UTC"), plain);
  assert.match(lines[1] ?? "", /^▸Wed 23 Dec ░{24}◆░{23}$/);
  assert.equal(lines[2], ` Thu 24 Dec ${"×".repeat(48)} closed [2J down`);
  assert.deepEqual([...usedSigns].sort(), ["free", "frozen", "now"]);
});

test("now is as the window is at that instant, not as its half hour is", () => {
  const window = windowOf("UTC", { schedules: [{ open: "0,10,20,30,40,50 * * * *", duration: "5m" }] });
  for (const [time, sign] of [
    ["12:02:00", "◆"],
    ["12:05:00", "◇"],
  ] as const) {
    const { lines } = calendarBlock(window, at(`2026-12-23T${time}Z`, "UTC"), plain);
    assert.equal(lines[1], `▸Wed 23 Dec ${"▒".repeat(24)}${sign}${"▒".repeat(23)} 00:00–00:05 +143`);
  }
});

test("more openings than fit are counted", () => {
  const window = windowOf("UTC", { schedules: [{ open: "0 */4 * * *", duration: "1h" }] });
  const { lines } = calendarBlock(window, at("2026-12-23T12:30:00Z", "UTC"), plain);
  assert.equal(lines[1], `▸Wed 23 Dec ${"██······".repeat(3)}█◆······${"██······".repeat(2)} 00:00–01:00 +5`);
});

test("every cell agrees with the window at each quarter of an hour, in zones whose clocks change", () => {
  for (const zone of ["Europe/Stockholm", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"]) {
    const window = windowOf(zone, { schedules: [{ open: "30 1 * * *", close: "0 5 * * *" }] });
    for (const day of ["2026-03-08", "2026-03-29", "2026-10-04", "2026-10-25", "2026-11-01"]) {
      const date = Temporal.PlainDate.from(day);
      const start = date.toZonedDateTime(zone).epochMilliseconds;
      const end = date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds;
      const { cells } = dayOf(date, timesOf(window, zone, { start, end }), 48);
      for (let instant = start; instant < end; instant += 15 * 60_000) {
        const clock = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
        const cell = cells[clock.hour * 2 + Math.floor(clock.minute / 30)];
        const allowed = stateAt(window, instant).open ? ["open", "part"] : ["closed", "part"];
        assert.ok(cell !== undefined && allowed.includes(cell), `${clock.toString()} ${cell}`);
      }
    }
  }
});
