// Jobs: pods until enough of them have succeeded, or too many failed.

import { dig, digString, isObject, type JsonObject, formatTime } from "@plumbline/core/model";
import type { World } from "../api/world.ts";
import type { StoredObject } from "../store/store.ts";
import {
  conditionStatus,
  controlled,
  controllerOf,
  create,
  destroy,
  isTerminating,
  numberAt,
  setStatus,
} from "./actions.ts";
import { podOf } from "./replica-set.ts";
import type { Controller } from "./start.ts";

export const jobController: Controller = (world, event) => {
  if (event.resource === "batch/jobs") reconcile(world, event.state);
  if (event.resource !== "/pods") return;
  const owner = controllerOf(world, event.state.object, "batch/jobs");
  if (owner) reconcile(world, owner);
};

function reconcile(world: World, stale: StoredObject): void {
  const state = world.store.get("batch/jobs", stale.key);
  if (!state || state.uid !== stale.uid || isTerminating(state.object)) return;
  if (conditionStatus(state.object, "Complete") === "True" || conditionStatus(state.object, "Failed") === "True")
    return;
  if (dig(state.object, "spec", "suspend") === true) return;
  const pods = controlled(world, "/pods", state);
  const inPhase = (phase: string): StoredObject[] =>
    pods.filter((pod) => digString(pod.object, "status", "phase") === phase);
  const [succeeded, failed] = [inPhase("Succeeded").length, inPhase("Failed").length];
  const active = pods.length - succeeded - failed;
  const completions = numberAt(state.object, "spec", "completions") || 1;
  const isFailed = failed > numberAt(state.object, "spec", "backoffLimit");
  if (succeeded < completions && !isFailed) {
    const room = Math.min(numberAt(state.object, "spec", "parallelism"), completions - succeeded) - active;
    for (let i = 0; i < room; i++) create(world, podOf(state, { generateName: `${state.name}-` }));
  }
  writeStatus(world, state, { succeeded, failed, isDone: succeeded >= completions, isFailed });
}

interface Outcome {
  readonly succeeded: number;
  readonly failed: number;
  readonly isDone: boolean;
  readonly isFailed: boolean;
}

function writeStatus(world: World, state: StoredObject, outcome: Outcome): void {
  const now = formatTime(world.clock.now());
  const pods = controlled(world, "/pods", state);
  const active = pods.length - outcome.succeeded - outcome.failed;
  const status: JsonObject = { ...(isObject(state.object.status) ? state.object.status : {}) };
  status.startTime ??= now;
  status.active = outcome.isDone || outcome.isFailed ? 0 : active;
  status.ready = 0;
  status.terminating = 0;
  status.uncountedTerminatedPods = {};
  if (outcome.succeeded > 0) status.succeeded = outcome.succeeded;
  if (outcome.failed > 0) status.failed = outcome.failed;
  if (outcome.isDone) {
    status.completionTime = now;
    status.conditions = ended(["SuccessCriteriaMet", "Complete"], now, {
      reason: "CompletionsReached",
      message: "Reached expected number of succeeded pods",
    });
  } else if (outcome.isFailed) {
    for (const pod of pods) if (digString(pod.object, "status", "phase") === "Running") destroy(world, pod);
    status.conditions = ended(["FailureTarget", "Failed"], now, {
      reason: "BackoffLimitExceeded",
      message: "Job has reached the specified backoff limit",
    });
  }
  setStatus(world, state, status);
}

function ended(types: string[], now: string, why: { reason: string; message: string }): JsonObject[] {
  return types.map((type) => ({ type, status: "True", lastProbeTime: now, lastTransitionTime: now, ...why }));
}
