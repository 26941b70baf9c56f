// The status of a window: open or closed, what comes next, and what it holds.

import { conditionSchema, type FromSchema, type Schema } from "@plumbline/core/crd";

const text = { type: "string" } as const satisfies Schema;

const heldSchema = {
  description: "One change that waits.",
  type: "object",
  properties: {
    delivery: { description: "What would make the change, as Kind/namespace/name.", ...text },
    object: { description: "What would be changed, as Kind/namespace/name or Kind/name.", ...text },
    group: { description: "API group of the object; empty for the core group.", ...text },
    change: {
      description: "What sort of change it is.",
      type: "string",
      enum: ["Revision", "Drift", "Prune"],
    },
    revision: { description: "The revision that it is part of.", ...text },
    reason: { description: "Why it waits.", ...text },
    until: { description: "When it may go, as far as that is known.", type: "string", format: "date-time" },
  },
  required: ["change", "delivery", "object", "reason"],
} as const satisfies Schema;

export const windowStatusSchema = {
  description:
    "What the operator found at the last turn of the window or of what it holds; nothing is written between.",
  type: "object",
  properties: {
    observedGeneration: {
      description: "The metadata.generation that this status is about.",
      type: "integer",
      format: "int64",
    },
    state: { description: "Whether changes may go.", type: "string", enum: ["Open", "Closed"] },
    since: { description: "Since when.", type: "string", format: "date-time" },
    nextOpen: { description: "When it opens next; also while it is open.", type: "string", format: "date-time" },
    nextClose: { description: "When it closes next; also while it is closed.", type: "string", format: "date-time" },
    freeze: {
      description: "The freeze that holds now.",
      type: "object",
      properties: {
        reason: { description: "Why, as the spec has it.", ...text },
        until: { description: "When it ends.", type: "string", format: "date-time" },
      },
      required: ["until"],
    },
    heldCount: { description: "How many changes wait for this window.", type: "integer", format: "int64" },
    held: { description: "The first of them, by delivery and object.", type: "array", items: heldSchema },
    conditions: { description: "Ready and Stalled.", type: "array", items: conditionSchema },
  },
} as const satisfies Schema;

export type WindowStatus = FromSchema<typeof windowStatusSchema>;
