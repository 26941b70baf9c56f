// Ages as kubectl prints them.

const minute = 60;
const hour = 3600;
const day = 86_400;

/** `5s`, `2m30s`, `3h`, `4d5h`, `2y10d`: a duration as kubectl prints it. */
export function formatAge(seconds: number): string {
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  const s = Math.floor(seconds);
  if (s < 2 * minute) return `${s}s`;
  const minutes = Math.floor(s / minute);
  if (minutes < 10) return both(minutes, "m", s % minute, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(s / hour);
  if (hours < 8) return both(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(s / day);
  if (hours < 192) return both(days, "d", hours % 24, "h");
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? both(years, "y", days % 365, "d") : `${years}y`;
}

function both(big: number, bigUnit: string, ...[small, smallUnit]: [number, string]): string {
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
}

/** Time since a timestamp; `<unknown>` without one. */
export function age(timestamp: string | undefined, now: number): string {
  if (timestamp === undefined || timestamp === "") return "<unknown>";
  return formatAge((now - Date.parse(timestamp)) / 1000);
}
