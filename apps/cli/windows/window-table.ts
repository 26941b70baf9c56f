// Windows as a table, as data, and as calendars.

import { formatFailure, type JsonObject, cleanLine } from "@plumbline/core/model";
import { calendarBlock, type CalendarStyle, legend } from "../print/calendar.ts";
import { paintWith } from "../print/screen.ts";
import { formatTable } from "../print/table.ts";
import { formatWhen } from "../print/when.ts";
import type { WindowAt } from "./found-window.ts";

const heads = ["name", "scope", "state", "since", "next open", "next close", "held", "zone"];

/** Times are those of each window's zone; `remarkOf` has more to say below the table. */
export function windowTable(
  windows: readonly WindowAt[],
  remarkOf: (at: WindowAt) => string | undefined = () => undefined,
): string {
  const rows = windows.map((at) => {
    const { identity } = at.found.window;
    return [
      identity.name,
      identity.namespace === "" ? "cluster" : identity.namespace,
      at.word,
      when(at, at.since),
      when(at, at.nextOpen),
      when(at, at.nextClose),
      at.held === undefined ? "-" : String(at.held),
      at.found.zone ?? "-",
    ];
  });
  return `${formatTable(heads, rows)}${remarks(windows, remarkOf)}`;
}

function when(at: WindowAt, instant: number | undefined): string {
  return instant === undefined || at.found.zone === undefined ? "-" : formatWhen(instant, at.found.zone, at.now);
}

/** What does not fit into a cell: mistakes, the reason of a freeze. */
function remarks(windows: readonly WindowAt[], remarkOf: (at: WindowAt) => string | undefined): string {
  const lines = windows.flatMap((at) => [
    ...[remarkOf(at)].flatMap((text) => (text === undefined ? [] : [`${at.found.window.identity.name}: ${text}`])),
    ...at.mistakes.map((failure) => `✗ ${formatFailure(failure)}`),
    ...(at.freeze ? [`${at.found.window.identity.name}: ${freezeText(at)}`] : []),
  ]);
  return lines.length === 0 ? "" : `\n${lines.map((line) => `${cleanLine(line)}\n`).join("")}`;
}

function freezeText(at: WindowAt): string {
  const reason = at.freeze === undefined || at.freeze.reason === "" ? "" : ` (${at.freeze.reason})`;
  return `frozen until ${when(at, at.freeze?.end)}${reason}`;
}

/** One calendar below the other, then what the signs mean. */
export function windowCalendars(windows: readonly WindowAt[], style: CalendarStyle): string {
  const paint = paintWith(style.colours);
  const used = new Set<string>();
  const blocks = windows.map((at) => {
    const { kind, namespace, name } = at.found.window.identity;
    const title = cleanLine(`${kind} ${namespace === "" ? name : `${namespace}/${name}`}`);
    const heading = `${paint("bold", title)}  ${at.found.zone ?? ""}`.trimEnd();
    if (at.mistakes.length > 0 || at.found.zone === undefined) {
      return [heading, ...at.mistakes.map((failure) => paint("red", `✗ ${cleanLine(formatFailure(failure))}`))];
    }
    const block = calendarBlock(at.found.window, { now: at.now, zone: at.found.zone }, style);
    for (const sign of block.usedSigns) used.add(sign);
    return [heading, ...summary(at), ...block.lines];
  });
  const explained = legend(used, style);
  return `${[...blocks.map((lines) => lines.join("\n")), ...(explained === "" ? [] : [explained])].join("\n\n")}\n`;
}

/** The state in words: `open since Mon 23 Nov 08:00, closes Thu 26 Nov 17:00`. */
function summary(at: WindowAt): string[] {
  const since = at.since === undefined ? "" : ` since ${when(at, at.since)}`;
  const change = at.word === "open" ? at.nextClose : at.nextOpen;
  const verb = at.word === "open" ? "closes" : "opens";
  const next = change === undefined ? "" : `, ${verb} ${when(at, change)}`;
  const reason = at.freeze === undefined || at.freeze.reason === "" ? "" : ` (${cleanLine(at.freeze.reason)})`;
  const held =
    at.held === undefined || at.held === 0 ? [] : [`${at.held} ${at.held === 1 ? "change waits" : "changes wait"}`];
  return [`${at.word}${reason}${since}${next}`, ...held];
}

/** Times are RFC 3339 in UTC; what is not known is left out. */
export function windowData(at: WindowAt): JsonObject {
  const { identity } = at.found.window;
  const times = { since: at.since, nextOpen: at.nextOpen, nextClose: at.nextClose, frozenUntil: at.freeze?.end };
  return {
    kind: identity.kind,
    ...(identity.namespace !== "" && { namespace: identity.namespace }),
    name: identity.name,
    ...(at.found.zone !== undefined && { timeZone: at.found.zone }),
    at: rfc3339(at.now),
    state: at.word,
    ...Object.fromEntries(
      Object.entries(times).flatMap(([key, instant]) => (instant === undefined ? [] : [[key, rfc3339(instant)]])),
    ),
    ...(at.freeze !== undefined && { reason: at.freeze.reason }),
    ...(at.held !== undefined && { held: at.held }),
    ...(at.mistakes.length > 0 && { mistakes: at.mistakes.map(formatFailure) }),
  };
}

function rfc3339(instant: number): string {
  return Temporal.Instant.fromEpochMilliseconds(instant).toString();
}
