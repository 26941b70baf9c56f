// Tells of a run that takes long, in the status of its delivery.

import type { Clock } from "@plumbline/core/model";
import type { DeliveryState } from "./delivery-state.ts";

export type ProgressStep = "Running health checks" | "Detecting drift";

/** How often a run is looked at; one that is at work at two looks in a row takes long, and its status says what it does. */
const PROGRESS_AFTER_MS = 1000;
/** One that has said so already tells what it waits for after this. */
const LONG_WAIT_MS = 9000;

/**
 * Calls `tell` once when the run of `state` is at work for a while, and once more when it then waits for health; returns
 * how to stop. A run that recorded what it is about to write has told of itself.
 */
export function reportProgress(state: DeliveryState, clock: Clock, tell: (step: ProgressStep) => void): () => void {
  let cancel = (): void => undefined;
  // One that has only just got its slot tells by its intent in a moment.
  let wasStarted = false;
  const look = (): void => {
    const { run } = state;
    if (!run) return;
    const isNews = wasStarted && run.isStarted && (!run.isTold || run.waiting);
    wasStarted = run.isStarted;
    if (isNews) {
      run.isTold = true;
      tell(run.waiting ? "Running health checks" : "Detecting drift");
    }
    if (!run.waiting || !isNews) cancel = clock.after(run.isTold ? LONG_WAIT_MS : PROGRESS_AFTER_MS, look);
  };
  cancel = clock.after(PROGRESS_AFTER_MS, look);
  return () => cancel();
}
