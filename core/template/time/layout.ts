// Go's time layouts: "2006-01-02T15:04:05Z07:00" cut into its elements.

export type Element = { kind: "text"; text: string } | { kind: "field"; field: Field; text: string; digits: number };

export type Field =
  | "longMonth"
  | "month"
  | "numMonth"
  | "zeroMonth"
  | "longWeekDay"
  | "weekDay"
  | "day"
  | "underDay"
  | "zeroDay"
  | "underYearDay"
  | "zeroYearDay"
  | "hour"
  | "hour12"
  | "zeroHour12"
  | "minute"
  | "zeroMinute"
  | "second"
  | "zeroSecond"
  | "longYear"
  | "year"
  | "PM"
  | "pm"
  | "zoneName"
  | "zone"
  | "fraction0"
  | "fraction9";

const zeroFields: Record<string, Field> = {
  "01": "zeroMonth",
  "02": "zeroDay",
  "03": "zeroHour12",
  "04": "zeroMinute",
  "05": "zeroSecond",
  "06": "year",
};

const fixed: [string, Field][] = [
  ["January", "longMonth"],
  ["Monday", "longWeekDay"],
  ["MST", "zoneName"],
  ["002", "zeroYearDay"],
  ["15", "hour"],
  ["2006", "longYear"],
  ["__2", "underYearDay"],
  ["PM", "PM"],
  ["pm", "pm"],
];
const zoneForms = ["-070000", "-07:00:00", "-0700", "-07:00", "-07", "Z070000", "Z07:00:00", "Z0700", "Z07:00", "Z07"];
const single: Record<string, Field> = { "1": "numMonth", "2": "day", "3": "hour12", "4": "minute", "5": "second" };

/** The elements of a layout, in order; texts between fields are kept as they are. */
export function parseLayout(layout: string): Element[] {
  const elements: Element[] = [];
  let text = "";
  for (let at = 0; at < layout.length;) {
    const found = elementAt(layout, at);
    if (!found) {
      text += layout[at++] ?? "";
      continue;
    }
    if (found.before) text += found.before;
    if (text !== "") elements.push({ kind: "text", text });
    text = "";
    elements.push({ kind: "field", field: found.field, text: found.text, digits: found.digits ?? 0 });
    at += (found.before?.length ?? 0) + found.text.length;
  }
  if (text !== "") elements.push({ kind: "text", text });
  return elements;
}

interface Found {
  field: Field;
  text: string;
  /** Plain text that belongs before it: `_` of `_2006`. */
  before?: string;
  digits?: number;
}

function elementAt(layout: string, at: number): Found | undefined {
  const rest = layout.slice(at, at + 10);
  if (rest.startsWith("_2006")) return { field: "longYear", text: "2006", before: "_" };
  for (const [text, field] of fixed) if (rest.startsWith(text)) return { field, text };
  if (rest.startsWith("_2")) return { field: "underDay", text: "_2" };
  if (/^(?:Jan|Mon)(?![a-z])/.test(rest)) {
    return { field: rest.startsWith("Jan") ? "month" : "weekDay", text: rest.slice(0, 3) };
  }
  const zero = zeroFields[rest.slice(0, 2)];
  if (zero) return { field: zero, text: rest.slice(0, 2) };
  const zone = zoneForms.find((form) => rest.startsWith(form));
  if (zone) return { field: "zone", text: zone };
  const one = single[rest[0] ?? ""];
  if (one) return { field: one, text: rest[0] ?? "" };
  return fractionAt(layout, at);
}

function fractionAt(layout: string, at: number): Found | undefined {
  const fraction = /[.,](0+|9+)(?![0-9])/y;
  fraction.lastIndex = at;
  const match = fraction.exec(layout);
  if (!match) return undefined;
  const digits = match[1] ?? "";
  return { field: digits.startsWith("0") ? "fraction0" : "fraction9", text: match[0], digits: digits.length };
}
