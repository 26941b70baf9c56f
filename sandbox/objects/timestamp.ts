// Times as Kubernetes writes them.

import { formatTime } from "@plumbline/core/model";

/** `2026-01-02T03:04:05.000000Z` */
export function formatMicroTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}

/** An RFC 3339 time in the server's spelling (UTC; whole seconds or microseconds), or undefined when it is none. */
export function canonicalTime(text: string, micro: boolean): string | undefined {
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return undefined;
  const ms = Date.parse(text.replace(match[1] ?? "", ""));
  if (Number.isNaN(ms)) return undefined;
  const seconds = formatTime(ms);
  return micro ? `${seconds.slice(0, 19)}.${(match[1] ?? ".").slice(1, 7).padEnd(6, "0")}Z` : seconds;
}
