// The simulated controllers: they watch the store and write to it as the real ones would.

import type { World } from "../api/world.ts";
import type { StoreEvent } from "../store/store.ts";
import { accountController } from "./accounts.ts";
import { crdController } from "./crd.ts";
import { daemonSetController } from "./daemon-set.ts";
import { deploymentController } from "./deployment.ts";
import { garbageController } from "./garbage.ts";
import { jobController } from "./job.ts";
import { namespaceController } from "./namespace.ts";
import { nodeController } from "./node.ts";
import { podController } from "./pod.ts";
import { protectionController } from "./protection.ts";
import { replicaSetController } from "./replica-set.ts";
import { statefulSetController } from "./stateful-set.ts";

export interface ControllerOptions {
  /** `none` leaves only what an API server does itself: CustomResourceDefinitions are served. Default `all`. */
  readonly run?: "all" | "none";
  /** Simulated time from a pod's creation to its readiness, milliseconds; default 400. */
  readonly podStartMs?: number;
  /** Simulated time that the pods of a Job run, milliseconds; default 400. */
  readonly jobRunMs?: number;
  /** Simulated time that a pod takes to end, milliseconds; default 100. */
  readonly podStopMs?: number;
}

export interface Timing {
  readonly podStartMs: number;
  readonly jobRunMs: number;
  readonly podStopMs: number;
}

/** Looks at one changed object; called after the write that changed it, never inside. */
export type Controller = (world: World, event: StoreEvent, timing: Timing) => void;

const controllers: readonly Controller[] = [
  crdController,
  namespaceController,
  accountController,
  garbageController,
  protectionController,
  deploymentController,
  replicaSetController,
  statefulSetController,
  daemonSetController,
  jobController,
  podController,
];

/** Starts them; the returned function stops them. What happened before is looked at too. */
export function startControllers(world: World, options: ControllerOptions): () => void {
  const { run = "all", ...timings } = options;
  const timing: Timing = { podStartMs: 400, jobRunMs: 400, podStopMs: 100, ...timings };
  const active = run === "all" ? controllers : [crdController];
  const queue: StoreEvent[] = [];
  let immediate: NodeJS.Immediate | undefined;
  let isStopped = false;
  const drain = (): void => {
    immediate = undefined;
    const events = queue.splice(0);
    for (const event of events) for (const controller of active) if (!isStopped) controller(world, event, timing);
  };
  const enqueue = (event: StoreEvent): void => {
    queue.push(event);
    immediate ??= setImmediate(drain);
  };
  for (const resource of world.store.resources()) {
    for (const state of world.store.list(resource)) {
      queue.push({ type: "ADDED", revision: state.revision, state, previous: undefined, resource });
    }
  }
  const stopListening = world.store.listenAll(enqueue);
  if (run === "all") nodeController(world);
  drain();
  return () => {
    isStopped = true;
    stopListening();
    if (immediate) clearImmediate(immediate);
  };
}
