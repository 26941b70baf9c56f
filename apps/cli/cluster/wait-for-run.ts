// Asks an object for a run and waits for its end.

import { digString, Failure, type Manifest, type ObjectRef, sleep } from "@plumbline/core/model";
import type { KubeClient } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { conditionOf } from "../print/condition.ts";

const REQUESTED_AT = "reconcile.fluxcd.io/requestedAt";
/** Writes are recorded under Flux's own name for its command line. */
export const CLI_MANAGER = "flux";
const POLL_MS = 250;
/** Of Ready while everything there is waits for maintenance windows. */
const HELD_REASON = "MaintenanceWindow";

/** Sets the annotation that asks for a run; answers its value. Throws NotFound when there is no such object. */
export async function requestRun(client: KubeClient, ref: ObjectRef): Promise<string> {
  const value = new Date().toISOString();
  await client.patch(
    ref,
    { type: "merge", body: { metadata: { annotations: { [REQUESTED_AT]: value } } } },
    { fieldManager: CLI_MANAGER },
  );
  return value;
}

/** Resolves when the run that `request` asked for has ended well, or holds what is left of it. Throws a Failure with the object's own words. */
export async function waitForRun(
  client: KubeClient,
  ref: ObjectRef,
  request: { value: string; timeoutMs: number },
): Promise<Manifest> {
  const clock = systemClock({ keepsAlive: true });
  const deadline = clock.monotonic() + request.timeoutMs;
  for (;;) {
    const object = await client.get(ref);
    const isHandled = digString(object, "status", "lastHandledReconcileAt") === request.value;
    const ready = conditionOf(object, "Ready");
    if (isHandled && ready.status === "True") return object;
    // Of a Kustomization that never was applied in full nobody knows yet whether it is ready: the run has ended all the same.
    const isHeld = conditionOf(object, "Held").status === "True" && ready.reason === HELD_REASON;
    if (isHandled && isHeld) return object;
    const isStalled = conditionOf(object, "Stalled").status === "True";
    if (isHandled && (ready.status === "False" || isStalled)) {
      throw new Failure({
        reason: "ReconciliationFailed",
        message: `${ref.kind} ${ref.namespace}/${ref.name}: ${ready.reason}: ${ready.message}`,
      });
    }
    if (clock.monotonic() > deadline) throw timedOut(ref, ready, request.timeoutMs);
    await sleep(clock, POLL_MS);
  }
}

function timedOut(ref: ObjectRef, ready: { reason: string; message: string }, timeoutMs: number): Failure {
  return new Failure({
    reason: "ReconciliationFailed",
    message: `${ref.kind} ${ref.namespace}/${ref.name} did not finish within ${timeoutMs / 1000} s; last: ${ready.message}`,
    hint: "Is the operator running? It goes on; ask again with: plumb get, or raise --timeout.",
  });
}
