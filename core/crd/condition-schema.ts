// The schema of one condition, which all kinds share.

import type { Schema } from "./schema.ts";

/** One entry of `status.conditions`, the shape of metav1.Condition. */
export const conditionSchema = {
  description: "One aspect of the state in which the object was last seen.",
  type: "object",
  properties: {
    type: {
      description: "Which aspect: a CamelCase word, which may carry a domain in front (foo.example.com/CamelCase).",
      type: "string",
      maxLength: 316,
      pattern: String.raw`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$`,
    },
    status: {
      description: "Whether it holds: True, False or Unknown.",
      type: "string",
      enum: ["True", "False", "Unknown"],
    },
    reason: {
      description: "Why it last changed, as one CamelCase word that programs may rely on; never empty.",
      type: "string",
      minLength: 1,
      maxLength: 1024,
      pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
    },
    message: { description: "The same for people; may be empty.", type: "string", maxLength: 32768 },
    lastTransitionTime: {
      description: "When it last changed.",
      type: "string",
      format: "date-time",
    },
    observedGeneration: {
      description:
        "The metadata.generation that was current when the condition was set; an older one means that it is out of date.",
      type: "integer",
      format: "int64",
      minimum: 0,
    },
  },
  required: ["lastTransitionTime", "message", "reason", "status", "type"],
} as const satisfies Schema;
