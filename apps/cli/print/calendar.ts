// Two weeks of a maintenance window in the terminal: a row per day, a cell per half hour, times of the window's zone.

import { openingsBetween, type Window } from "@plumbline/core/gate";
import { cleanLine } from "@plumbline/core/model";
import { type Cell, type ClockChange, type Day, dayOf, type Times } from "./day-cells.ts";
import { type Paint, paintWith } from "./screen.ts";
import { formatClock, formatDay, zonedAt } from "./when.ts";

export const calendarDays = 14;

export interface CalendarStyle {
  colours: boolean;
  unicode: boolean;
  /** Columns of the terminal; from 37 on a row fits, with whole hours as cells. */
  width: number;
}

/** Mark of now, day of week, day, month, space. */
const LABEL = 12;
const HALF_HOURS = 48;
/** Too little room for words about the day. */
const MIN_NOTE = 11;

type Sign = Cell | "free" | "now" | "nowHeld";
type Style = Parameters<Paint>[0];

const signs: Record<Sign, { unicode: string; ascii: string; style: Style; says: string }> = {
  open: { unicode: "█", ascii: "#", style: "green", says: "open" },
  part: { unicode: "▒", ascii: "+", style: "green", says: "partly open" },
  free: { unicode: "░", ascii: "-", style: "green", says: "nothing held" },
  closed: { unicode: "·", ascii: ".", style: "dim", says: "closed" },
  frozen: { unicode: "×", ascii: "x", style: "red", says: "frozen" },
  skipped: { unicode: " ", ascii: " ", style: "dim", says: "" },
  unknown: { unicode: "?", ascii: "?", style: "dim", says: "not computed" },
  now: { unicode: "◆", ascii: "O", style: ["bold", "yellow"], says: "now, open" },
  nowHeld: { unicode: "◇", ascii: "@", style: ["bold", "yellow"], says: "now, not open" },
};

interface Sheet {
  cellCount: number;
  noteWidth: number;
  /** A window of freezes alone: between them it says nothing. */
  isFreezeOnly: boolean;
  unicode: boolean;
  paint: Paint;
  zone: string;
}

/** The days from that of `now` on, as lines without line ends; what they hold is in `usedSigns`. */
export interface CalendarBlock {
  lines: string[];
  usedSigns: Set<string>;
}

/** `now` in milliseconds since the epoch; `zone` is the window's own. The window has no mistakes. */
export function calendarBlock(window: Window, at: { now: number; zone: string }, style: CalendarStyle): CalendarBlock {
  const { now, zone } = at;
  const first = zonedAt(now, zone).toPlainDate();
  const range = {
    start: first.toZonedDateTime(zone).epochMilliseconds,
    end: first.add({ days: calendarDays }).toZonedDateTime(zone).epochMilliseconds,
  };
  const { spans, until } = openingsBetween(window, range);
  const times: Times = { zone, now, openings: spans, freezes: window.calendar.freezes, until };
  const sheet = sheetOf(window, zone, style);
  const days = Array.from({ length: calendarDays }, (_, i) => dayOf(first.add({ days: i }), times, sheet.cellCount));
  const usedSigns = new Set<string>();
  const rows = days.flatMap((day, i) => {
    const row = rowOf(day, sheet, usedSigns);
    return day.date.dayOfWeek === 1 && i > 0 ? ["", row] : [row];
  });
  const changes = days.flatMap((day) => day.clockChanges.map((change) => `  ${changeText(day, change, zone)}`));
  return { lines: [hoursOf(sheet), ...rows, ...changes], usedSigns };
}

/** What the signs mean that were used. */
export function legend(used: ReadonlySet<string>, style: CalendarStyle): string {
  const paint = paintWith(style.colours);
  const shown = Object.entries(signs).filter(([name, { says }]) => says !== "" && used.has(name));
  return shown
    .map(([, sign]) => `${paint(sign.style, style.unicode ? sign.unicode : sign.ascii)} ${sign.says}`)
    .join("   ");
}

function sheetOf(window: Window, zone: string, style: CalendarStyle): Sheet {
  const cellCount = style.width >= LABEL + HALF_HOURS + 1 ? HALF_HOURS : HALF_HOURS / 2;
  const room = style.width - LABEL - cellCount - 2;
  return {
    cellCount,
    noteWidth: room >= MIN_NOTE ? room : 0,
    isFreezeOnly: window.calendar.schedules.length === 0,
    unicode: style.unicode,
    paint: paintWith(style.colours),
    zone,
  };
}

/** Every second hour where there is room, else every third. */
function hoursOf({ cellCount, paint }: Sheet): string {
  const step = cellCount === HALF_HOURS ? 2 : 3;
  const width = (cellCount / 24) * step;
  const hours = Array.from({ length: 24 / step }, (_, i) =>
    String(i * step)
      .padStart(2, "0")
      .padEnd(width),
  );
  return paint("dim", `${" ".repeat(LABEL)}${hours.join("")}`.trimEnd());
}

function rowOf(day: Day, sheet: Sheet, used: Set<string>): string {
  const isToday = day.now !== undefined;
  const mark = isToday ? (sheet.unicode ? "▸" : ">") : " ";
  const text = `${mark}${formatDay(day.date)} `;
  const label = isToday ? sheet.paint("bold", text) : text;
  const cells = paintCells(day, sheet, used);
  const note = sheet.noteWidth === 0 ? "" : fitted(noteOf(day, sheet), sheet);
  return `${label}${cells}${note === "" ? "" : ` ${note}`}`.trimEnd();
}

function signOf(cell: Cell, sheet: Sheet): Sign {
  return cell === "open" && sheet.isFreezeOnly ? "free" : cell;
}

/** Neighbours with the same sign are painted at once. */
function paintCells(day: Day, sheet: Sheet, used: Set<string>): string {
  const runs: { sign: Sign; count: number }[] = [];
  day.cells.forEach((cell, i) => {
    const nowSign = day.now?.isOpen ? "now" : "nowHeld";
    const sign = i === day.now?.cell ? nowSign : signOf(cell, sheet);
    used.add(sign);
    const last = runs.at(-1);
    if (last?.sign === sign) last.count++;
    else runs.push({ sign, count: 1 });
  });
  return runs
    .map(({ sign, count }) => {
      const { unicode, ascii, style } = signs[sign];
      return sheet.paint(style, (sheet.unicode ? unicode : ascii).repeat(count));
    })
    .join("");
}

/** When it is open that day, or why not. */
function noteOf(day: Day, sheet: Sheet): string {
  const reasons = [...new Set(day.freezes.map((freeze) => cleanLine(freeze.reason)).filter((reason) => reason !== ""))];
  if (sheet.isFreezeOnly || day.openings.length === 0) return reasons.join(", ");
  const [first, ...more] = day.openings;
  if (!first) return "";
  const { zone } = sheet;
  const dash = sheet.unicode ? "–" : "-";
  const end = day.date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds;
  const start = day.date.toZonedDateTime(zone).epochMilliseconds;
  if (first.start === start && first.end === end) return "all day";
  const from = formatClock(zonedAt(first.start, zone));
  const to = first.end === end ? "24:00" : formatClock(zonedAt(first.end, zone));
  return [`${from}${dash}${to}${more.length === 0 ? "" : ` +${more.length}`}`, ...reasons].join(" ");
}

function fitted(note: string, { noteWidth, unicode }: Sheet): string {
  if (note.length <= noteWidth) return note;
  const end = unicode ? "…" : "...";
  return `${note.slice(0, noteWidth - end.length)}${end}`;
}

function changeText(day: Day, { at, minutes }: ClockChange, zone: string): string {
  const length = Math.abs(minutes) % 60 === 0 ? `${Math.abs(minutes) / 60} h` : `${Math.abs(minutes)} min`;
  const way = minutes > 0 ? "forward" : "back";
  const reading = formatClock(zonedAt(at, zone));
  return `${formatDay(day.date)}: the clocks go ${way} ${length}, to ${reading}`;
}
