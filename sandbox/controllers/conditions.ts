// Conditions of a status, with the times that controllers keep in them.

import { dig, digString, isObject, type JsonObject, formatTime } from "@plumbline/core/model";
import type { World } from "../api/world.ts";

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** The conditions as a list for a status; a condition whose status did not change keeps its transition time. */
export function withConditions(
  world: World,
  object: JsonObject,
  { conditions, updateTimes = false }: { conditions: readonly Condition[]; updateTimes?: boolean },
): JsonObject[] {
  const present = dig(object, "status", "conditions");
  const before = Array.isArray(present) ? present.filter(isObject) : [];
  const now = formatTime(world.clock.now());
  return conditions.map((condition) => {
    const { type, status, reason, message } = condition;
    const old = before.find((item) => item.type === type);
    const isSame = old?.status === status && old.reason === reason && old.message === message;
    const lastTransitionTime = (old?.status === status ? digString(old, "lastTransitionTime") : undefined) ?? now;
    const lastUpdateTime = (isSame ? digString(old ?? null, "lastUpdateTime") : undefined) ?? now;
    return { type, status, ...(updateTimes ? { lastUpdateTime } : {}), lastTransitionTime, reason, message };
  });
}
