// The spec of MaintenanceWindow and ClusterMaintenanceWindow: what an API server can check, it checks.

import type { FromSchema, Schema } from "@plumbline/core/crd";

const cronField = "[0-9A-Za-z*,/-]+";
/** Five fields; which values they may have is for the operator to say. */
const cron = String.raw`\s*${cronField}(\s+${cronField}){4}\s*`;
const instant = String.raw`[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})`;
const localTime = String.raw`[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?`;

const longestText = 200;
const momentPattern = `^(${cron}|${instant})$`;
const freezePattern = `^(${localTime}|${instant})$`;

const labelsSchema = {
  description: "Labels that must all be there, with these values.",
  type: "object",
  maxProperties: 32,
  additionalProperties: { type: "string", maxLength: 63 },
} as const satisfies Schema;

const name = { type: "string", maxLength: 253 } as const satisfies Schema;

const scheduleSchema = {
  description: "One opening that repeats, or happens once. Give either close or duration.",
  type: "object",
  properties: {
    open: {
      description:
        "When it opens: five cron fields (minute hour day month weekday) on the wall clock of timeZone, or an RFC 3339 time.",
      type: "string",
      maxLength: longestText,
      pattern: momentPattern,
    },
    close: {
      description: "When it closes, in the same form as open. At its closing a window is closed.",
      type: "string",
      maxLength: longestText,
      pattern: momentPattern,
    },
    duration: {
      description: "How long it stays open on the wall clock: 8h, 1h30m, 4d9h, or ISO 8601 such as PT8H.",
      type: "string",
      maxLength: longestText,
      pattern: "^([0-9]+[dhms])+$|^P[0-9A-Z.,]+$",
    },
  },
  required: ["open"],
  "x-kubernetes-validations": [
    { rule: "has(self.close) != has(self.duration)", message: "give either close or duration, and not both" },
    {
      rule: `!has(self.close) || self.open.matches('^${instant.replaceAll("\\", "\\\\")}$') == self.close.matches('^${instant.replaceAll("\\", "\\\\")}$')`,
      message: "close must be of the same sort as open: both cron expressions, or both RFC 3339 times",
    },
  ],
} as const satisfies Schema;

const freezeSchema = {
  description: "A time in which nothing goes, whatever is open.",
  type: "object",
  properties: {
    from: {
      description: "Its beginning: a date, a time in timeZone (2026-12-24T08:00), or an RFC 3339 time.",
      type: "string",
      maxLength: longestText,
      pattern: freezePattern,
    },
    to: {
      description: "Its end, in the same forms; a date is included.",
      type: "string",
      maxLength: longestText,
      pattern: freezePattern,
    },
    reason: { description: "Why; shown with what is held.", type: "string", maxLength: longestText },
  },
  required: ["from", "to"],
} as const satisfies Schema;

const deliverySelectorSchema = {
  description: "Every field given must be equal. Without any field it selects nothing.",
  type: "object",
  properties: {
    kind: { ...name, description: "Kind of the delivery, such as Kustomization." },
    name: { ...name, description: "Its name." },
    namespace: { ...name, description: "Its namespace." },
    labels: labelsSchema,
  },
} as const satisfies Schema;

const resourceSelectorSchema = {
  description: "Every field given must be equal. Without any field it selects nothing.",
  type: "object",
  properties: {
    group: { ...name, description: "API group of the object; empty for the core group." },
    kind: { ...name, description: "Its kind." },
    name: { ...name, description: "Its name." },
    labels: { ...labelsSchema, description: "Labels as they stand in Git; of deletions, those of the live object." },
  },
} as const satisfies Schema;

const selectsSchema = {
  description:
    "Which changes the window decides on: those that match deliveries, resources and changes. A list that is left out does not narrow; an empty one, or none at all, selects nothing.",
  type: "object",
  properties: {
    deliveries: {
      description: "Deliveries, one of which must match. A namespaced window selects those of its own namespace only.",
      type: "array",
      maxItems: 256,
      items: deliverySelectorSchema,
    },
    resources: {
      description: "Objects that a delivery applies, one of which must match.",
      type: "array",
      maxItems: 256,
      items: resourceSelectorSchema,
    },
    changes: {
      description: "Revision: new in Git. Drift: changed in the cluster. Prune: gone from Git.",
      type: "array",
      maxItems: 3,
      items: { type: "string", enum: ["Revision", "Drift", "Prune"] },
    },
  },
} as const satisfies Schema;

export const windowSpecSchema = {
  description: "When changes may go, and which.",
  type: "object",
  properties: {
    timeZone: {
      description: "IANA name of the zone whose wall clock counts, such as Europe/Stockholm.",
      type: "string",
      maxLength: longestText,
      pattern: "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$",
      "x-kubernetes-validations": [
        {
          rule: "timestamp('2026-01-01T12:00:00Z').getFullYear(self) > 0",
          message: "must be the IANA name of a time zone, such as Europe/Stockholm",
        },
      ],
    },
    schedules: {
      description: "When the window is open; without any, it only freezes.",
      type: "array",
      maxItems: 64,
      items: scheduleSchema,
    },
    freezes: { description: "When nothing goes.", type: "array", maxItems: 64, items: freezeSchema },
    selects: selectsSchema,
    atClose: {
      description:
        "What is done with a run that is under way at the closing. Finish: it is carried out. Pause: its next stage waits.",
      type: "string",
      enum: ["Finish", "Pause"],
      default: "Finish",
    },
  },
  required: ["timeZone"],
  "x-kubernetes-validations": [
    {
      rule: "(has(self.schedules) && size(self.schedules) > 0) || (has(self.freezes) && size(self.freezes) > 0)",
      message: "give at least one of schedules and freezes",
    },
  ],
} as const satisfies Schema;

export type WindowSpec = FromSchema<typeof windowSpecSchema>;
