// A list of status conditions as Flux writes it: one per type, in a fixed order, times kept while nothing changes.

import { dig, digString, isObject, type JsonArray, type JsonObject, type JsonValue } from "@plumbline/core/model";

export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason: string;
  message: string;
}

/** The API server accepts no longer message. */
export const longestMessage = 32_768;

/** These come first, in this order; the others follow, of the newest generation first, then by name. */
const firstTypes = ["Stalled", "Reconciling", "Ready"];

/** Which generation conditions are set for, and when (RFC 3339, whole seconds). */
export interface ConditionContext {
  generation: number;
  at: string;
}

/** The conditions of an object that is being worked on. `list` gives them in Flux's order. */
export interface Conditions {
  set(condition: Condition): void;
  remove(...types: string[]): void;
  get(type: string): Condition | undefined;
  list(): JsonArray;
}

/**
 * Starts from `status.conditions` as recorded; what is no condition in it is left out.
 * Setting a condition keeps its lastTransitionTime while status, reason and message stay the same, and always moves its
 * observedGeneration; a message that is too long is cut.
 */
export function conditionsFrom(recorded: JsonValue | undefined, context: ConditionContext): Conditions {
  const conditions = new Map<string, JsonObject>();
  for (const entry of Array.isArray(recorded) ? recorded : []) {
    const type = digString(entry, "type");
    if (isObject(entry) && type !== undefined && !conditions.has(type)) conditions.set(type, entry);
  }
  return {
    set: (condition) => {
      const message = cutMessage(condition.message);
      const before = conditions.get(condition.type);
      const same =
        before?.status === condition.status && before.reason === condition.reason && before.message === message;
      const lastTransitionTime = (same ? digString(before, "lastTransitionTime") : undefined) ?? context.at;
      const { generation } = context;
      conditions.set(condition.type, { ...condition, message, lastTransitionTime, observedGeneration: generation });
    },
    remove: (...types) => {
      for (const type of types) conditions.delete(type);
    },
    get: (type) => conditions.get(type) as Condition | undefined, // an entry of a map that holds conditions only
    list: () => [...conditions.values()].sort(compareConditions),
  };
}

/** Cut to what the API server accepts, in bytes as Flux counts, with three dots at the end; never inside a character. */
function cutMessage(message: string): string {
  const encoded = new TextEncoder().encode(message);
  if (encoded.length <= longestMessage) return message;
  const kept = new TextDecoder().decode(encoded.subarray(0, longestMessage - 3), { stream: true });
  return `${kept}...`;
}

function compareConditions(a: JsonObject, b: JsonObject): number {
  const rank = (condition: JsonObject): number => {
    const index = firstTypes.indexOf(typeOf(condition));
    return index < 0 ? firstTypes.length : index;
  };
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  const generation = (condition: JsonObject): number => Number(dig(condition, "observedGeneration") ?? 0);
  if (generation(a) !== generation(b)) return generation(b) - generation(a);
  return typeOf(a) < typeOf(b) ? -1 : 1;
}

function typeOf(condition: JsonObject): string {
  return digString(condition, "type") ?? "";
}
