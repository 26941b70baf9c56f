// Pods: scheduled at once, started and stopped after a simulated while. No container runs.
//
// Images choose how a pod fares: a name that contains `does-not-exist` cannot be pulled (ImagePullBackOff), one that
// contains `crash-loop` starts and ends again and again (CrashLoopBackOff), `fails` ends with exit code 1.

import { dig, digString, isObject, type JsonObject, formatTime } from "@plumbline/core/model";
import type { World } from "../api/world.ts";
import type { StoredObject } from "../store/store.ts";
import { change, destroy, isTerminating, setStatus } from "./actions.ts";
import { nodeName } from "./node.ts";
import type { Controller, Timing } from "./start.ts";

export const podController: Controller = (world, event, timing) => {
  if (event.resource !== "/pods" || event.type === "DELETED") return;
  const { state, previous } = event;
  if (isTerminating(state.object)) {
    if (!previous || !isTerminating(previous.object)) world.clock.after(timing.podStopMs, () => finish(world, state));
    return;
  }
  if (event.type === "ADDED") schedule(world, state, timing);
};

function schedule(world: World, state: StoredObject, timing: Timing): void {
  if (!digString(state.object, "spec", "nodeName")) {
    change(world, state, {
      edit: (object) => ({ ...object, spec: { ...(isObject(object.spec) ? object.spec : {}), nodeName } }),
    });
  }
  setStatus(world, state, {
    ...statusOf(state.object),
    phase: "Pending",
    conditions: conditions(world, "False", "ContainersNotReady"),
  });
  world.clock.after(timing.podStartMs, () => start(world, state, timing));
}

function statusOf(object: JsonObject): JsonObject {
  return isObject(object.status) ? object.status : {};
}

function imagesOf(object: JsonObject): string[] {
  const containers = dig(object, "spec", "containers");
  return Array.isArray(containers) ? containers.map((container) => digString(container, "image") ?? "") : [];
}

function conditions(world: World, ready: "True" | "False", reason: string): JsonObject[] {
  const lastTransitionTime = formatTime(world.clock.now());
  const plain = ["PodReadyToStartContainers", "Initialized", "PodScheduled"].map((type) => ({
    type,
    status: "True",
    lastProbeTime: null,
    lastTransitionTime,
  }));
  const reasons = ready === "True" ? {} : { reason };
  const readiness = ["Ready", "ContainersReady"].map((type) => ({
    type,
    status: ready,
    lastProbeTime: null,
    lastTransitionTime,
    ...reasons,
  }));
  return [...plain, ...readiness];
}

function start(world: World, stale: StoredObject, timing: Timing): void {
  const state = world.store.get("/pods", stale.key);
  if (!state || state.uid !== stale.uid || isTerminating(state.object)) return;
  const images = imagesOf(state.object);
  const failing = images.find((image) => image.includes("does-not-exist"));
  if (failing !== undefined)
    return setStatus(
      world,
      state,
      waiting(world, state.object, { reason: "ImagePullBackOff", message: `Back-off pulling image "${failing}"` }),
    );
  if (images.some((image) => image.includes("crash-loop"))) {
    return setStatus(
      world,
      state,
      waiting(world, state.object, { reason: "CrashLoopBackOff", message: "back-off 10s restarting failed container" }),
    );
  }
  setStatus(world, state, running(world, state.object));
  if (digString(state.object, "spec", "restartPolicy") === "Always") return;
  world.clock.after(timing.jobRunMs, () => complete(world, state));
}

function containerStatuses(object: JsonObject, fill: (name: string, image: string) => JsonObject): JsonObject[] {
  const containers = dig(object, "spec", "containers");
  if (!Array.isArray(containers)) return [];
  return containers.map((container) => {
    const [name, image] = [digString(container, "name") ?? "", digString(container, "image") ?? ""];
    return { name, image, imageID: "", restartCount: 0, ready: false, started: false, ...fill(name, image) };
  });
}

function waiting(world: World, object: JsonObject, why: { reason: string; message: string }): JsonObject {
  return {
    ...statusOf(object),
    phase: "Pending",
    startTime: formatTime(world.clock.now()),
    conditions: conditions(world, "False", "ContainersNotReady"),
    containerStatuses: containerStatuses(object, () => ({ state: { waiting: { ...why } } })),
  };
}

function running(world: World, object: JsonObject): JsonObject {
  const startedAt = formatTime(world.clock.now());
  return {
    ...statusOf(object),
    phase: "Running",
    hostIP: "127.0.0.1",
    podIP: "10.244.0.2",
    podIPs: [{ ip: "10.244.0.2" }],
    startTime: startedAt,
    conditions: conditions(world, "True", ""),
    containerStatuses: containerStatuses(object, () => ({
      ready: true,
      started: true,
      state: { running: { startedAt } },
    })),
  };
}

function complete(world: World, stale: StoredObject): void {
  const state = world.store.get("/pods", stale.key);
  if (!state || state.uid !== stale.uid || isTerminating(state.object)) return;
  const hasFailed = imagesOf(state.object).some((image) => image.includes("fails"));
  const finishedAt = formatTime(world.clock.now());
  const terminated = {
    exitCode: hasFailed ? 1 : 0,
    reason: hasFailed ? "Error" : "Completed",
    startedAt: finishedAt,
    finishedAt,
  };
  setStatus(world, state, {
    ...statusOf(state.object),
    phase: hasFailed ? "Failed" : "Succeeded",
    conditions: conditions(world, "False", hasFailed ? "PodFailed" : "PodCompleted"),
    containerStatuses: containerStatuses(state.object, () => ({ state: { terminated } })),
  });
}

/** The end of a pod that was told to go: what a kubelet confirms by deleting it for good. */
function finish(world: World, stale: StoredObject): void {
  const state = world.store.get("/pods", stale.key);
  if (!state || state.uid !== stale.uid) return;
  destroy(world, state, { graceSeconds: 0 });
}
