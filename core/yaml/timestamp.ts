// Timestamps as yaml.v3 reads them and encoding/json writes them.

const PARTS = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt ](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?)?(Z|[-+]\d\d:\d\d)?$/;

/** RFC 3339 with nanoseconds where there are any: `2001-1-2` becomes `2001-01-02T00:00:00Z`. */
export function timestampToJson(text: string): string {
  const match = PARTS.exec(text);
  if (!match) return text;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = match;
  const two = (part: string | undefined): string => (part ?? "").padStart(2, "0");
  const nanos = fraction.slice(0, 9).replace(/0+$/, "");
  const clock = `${two(hour)}:${two(minute)}:${two(second)}${nanos === "" ? "" : `.${nanos}`}`;
  return `${year}-${two(month)}-${two(day)}T${clock}${zone === "+00:00" || zone === "-00:00" ? "Z" : zone}`;
}
