// Instants as people read them, on the clock of a zone.

const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Mon 23 Nov`. */
export function formatDay(day: Pick<Temporal.PlainDate, "dayOfWeek" | "day" | "month">): string {
  return `${days[day.dayOfWeek - 1] ?? ""} ${String(day.day).padStart(2)} ${months[day.month - 1] ?? ""}`;
}

/** `Mon 23 Nov 08:00`; with the year when it is not that of `now`, with seconds when there are any. */
export function formatWhen(instant: number, zone: string, now: number): string {
  const at = zonedAt(instant, zone);
  const year = at.year === zonedAt(now, zone).year ? "" : ` ${at.year}`;
  return `${formatDay(at)}${year} ${formatClock(at)}`;
}

/** `until Mon 23 Nov 08:00 Europe/Stockholm`, from an RFC 3339 time; in words when there is none that can be read. */
export function formatUntil(until: string | undefined, zone: string | undefined, now: number): string {
  const instant = until === undefined ? Number.NaN : Date.parse(until);
  if (Number.isNaN(instant)) return "without a known end";
  return `until ${formatWhen(instant, zone ?? "UTC", now)} ${zone ?? "UTC"}`;
}

/** `08:00`, with seconds when there are any. */
export function formatClock(at: Pick<Temporal.PlainTime, "hour" | "minute" | "second">): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(at.hour)}:${two(at.minute)}${at.second === 0 ? "" : `:${two(at.second)}`}`;
}

export function zonedAt(instant: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
}
