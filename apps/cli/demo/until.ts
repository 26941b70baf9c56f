// Waiting for the world to get somewhere.

import { Failure } from "@plumbline/core/model";
import type { World } from "./world.ts";

/** Looked at again at every event, and this often in between. */
const LOOK_MS = 50;

/** Resolves when `isDone` says so; throws a Failure that names `what` after `timeoutMs`. */
export function until(world: World, what: string, isDone: () => boolean, timeoutMs = 30_000): Promise<void> {
  const deadline = world.clock.monotonic() + timeoutMs;
  return new Promise((resolve, reject) => {
    let cancel = (): void => undefined;
    const stop = world.recorder.listen(() => look());
    const look = (): void => {
      cancel();
      if (isDone()) {
        stop();
        resolve();
      } else if (world.clock.monotonic() > deadline) {
        stop();
        reject(
          new Failure({ reason: "Internal", message: `the demo waited ${timeoutMs / 1000} s in vain for: ${what}` }),
        );
      } else {
        cancel = world.clock.after(LOOK_MS, look);
      }
    };
    look();
  });
}

/** Every delivery is ready at the commit, and there are at least `count` of them. */
export function isConverged(world: World, commit: string | undefined, count: number): boolean {
  const states = [...world.operator.engine.deliveries.all()];
  if (states.length < count) return false;
  return states.every(({ delivery, failure, run }) => {
    const isThere = commit === undefined || (delivery?.lastAppliedRevision ?? "").endsWith(commit);
    return delivery !== undefined && delivery.ready && !failure && !run && isThere;
  });
}
