// Specs of windows: what an API server refuses, what it lets through and the operator finds, and what is right.

import type { JsonObject } from "@plumbline/core/model";

export interface WindowRow {
  name: string;
  spec: JsonObject;
  /** What the API server's refusal says; undefined when it accepts. */
  refused?: RegExp;
  /** What the operator finds wrong with it; undefined when it is right. */
  mistake?: RegExp;
}

const night = { open: "0 22 * * *", duration: "8h" };
const zone = "Europe/Stockholm";

export const windowRows: readonly WindowRow[] = [
  { name: "by cron and duration", spec: { timeZone: zone, schedules: [night] } },
  {
    name: "by cron and cron, everything selected",
    spec: {
      timeZone: "America/Argentina/Buenos_Aires",
      schedules: [{ open: "0 8 * * MON", close: "0 17 * * thu" }],
      freezes: [{ from: "2026-12-24", to: "2026-12-26", reason: "inventory" }],
      selects: {
        deliveries: [{ kind: "Kustomization", name: "apps", namespace: "flux-system", labels: { line: "3" } }],
        resources: [{ group: "apps", kind: "Deployment", name: "x", labels: { "a/b": "c" } }],
        changes: ["Revision", "Drift", "Prune"],
      },
      atClose: "Pause",
    },
  },
  {
    name: "once",
    spec: { timeZone: "UTC", schedules: [{ open: "2026-01-01T08:00:00Z", close: "2026-01-02T08:00:00+01:00" }] },
  },
  {
    name: "a freeze alone",
    spec: { timeZone: "UTC", freezes: [{ from: "2026-12-24T08:00", to: "2026-12-26T18:00:00+01:00" }] },
  },
  { name: "nothing selected", spec: { timeZone: "UTC", schedules: [night], selects: { resources: [] } } },
  {
    name: "an ISO 8601 duration",
    spec: { timeZone: "UTC", schedules: [{ open: "*/5 0-6 1,15 JAN-MAR *", duration: "PT1H30M" }] },
  },
  { name: "no zone", spec: { schedules: [night] }, refused: /timeZone: Required/, mistake: /timeZone.*missing/ },
  {
    name: "an unknown zone",
    spec: { timeZone: "Europe/Stokholm", schedules: [night] },
    refused: /Stokholm|IANA/,
    mistake: /unknown time zone "Europe\/Stokholm"/,
  },
  {
    name: "neither schedules nor freezes",
    spec: { timeZone: "UTC", schedules: [] },
    refused: /at least one/,
    mistake: /neither/,
  },
  {
    name: "four cron fields",
    spec: { timeZone: "UTC", schedules: [{ open: "0 22 * *", duration: "8h" }] },
    refused: /open.*should match/,
    mistake: /has 4 fields/,
  },
  {
    name: "an hour that there is not",
    spec: { timeZone: "UTC", schedules: [{ open: "0 25 * * *", duration: "8h" }] },
    mistake: /spec\.schedules\[0\]\.open: bad cron expression "0 25 \* \* \*"/,
  },
  {
    name: "a day that there is not",
    spec: { timeZone: "UTC", schedules: [{ open: "0 8 30 2 *", duration: "8h" }] },
    mistake: /never comes up/,
  },
  {
    name: "an extension of one cron library",
    spec: { timeZone: "UTC", schedules: [{ open: "0 8 L * *", duration: "8h" }] },
    mistake: /"L" is no cron field/,
  },
  {
    name: "it never closes",
    spec: { timeZone: "UTC", schedules: [{ open: "0 8 * * *" }] },
    refused: /either close or duration/,
    mistake: /never closes/,
  },
  {
    name: "it closes twice",
    spec: { timeZone: "UTC", schedules: [{ ...night, close: "0 6 * * *" }] },
    refused: /either close or duration/,
    mistake: /closes twice/,
  },
  {
    name: "a time closed by cron",
    spec: { timeZone: "UTC", schedules: [{ open: "2026-01-01T08:00:00Z", close: "0 6 * * *" }] },
    refused: /same sort/,
    mistake: /is no time while open is one/,
  },
  {
    name: "closed before it opens",
    spec: { timeZone: "UTC", schedules: [{ open: "2026-01-02T08:00:00Z", close: "2026-01-01T08:00:00Z" }] },
    mistake: /is not after the opening/,
  },
  {
    name: "a freeze without an end",
    spec: { timeZone: "UTC", freezes: [{ from: "2026-12-24" }] },
    refused: /freezes\[0\]\.to: Required/,
    mistake: /to: is missing/,
  },
  {
    name: "a freeze that ends before it begins",
    spec: { timeZone: "UTC", freezes: [{ from: "2026-12-24", to: "2026-12-20" }] },
    mistake: /ends before it begins/,
  },
  {
    name: "an unknown class",
    spec: { timeZone: "UTC", schedules: [night], selects: { changes: ["Everything"] } },
    refused: /Unsupported value: "Everything"/,
    mistake: /changes\[0\]/,
  },
  {
    name: "an unknown way to close",
    spec: { timeZone: "UTC", schedules: [night], atClose: "Abort" },
    refused: /Unsupported value: "Abort"/,
    mistake: /neither Finish nor Pause/,
  },
];
