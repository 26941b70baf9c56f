// Deletes what is no longer in Git, if it is still ours.

import {
  type Change,
  type Done,
  Failure,
  type InventoryEntry,
  asFailure,
  digString,
  formatRef,
  refKey,
} from "@plumbline/core/model";
import type { ApplyContext } from "./apply-context.ts";

export interface Pruned {
  /** Entries whose deletion the API server did not confirm: they stay in the inventory and are tried again. */
  survivors: InventoryEntry[];
  failure: Failure | undefined;
}

/** One after the other in the plan's order. `done` gets what was deleted. */
export async function pruneObjects(changes: readonly Change[], context: ApplyContext, done: Done[]): Promise<Pruned> {
  const survivors: InventoryEntry[] = [];
  const failures: { ref: InventoryEntry; failure: Failure }[] = [];
  for (const change of changes) {
    if (change.action !== "delete") {
      if (change.action === "held") survivors.push(change.ref);
      continue;
    }
    const tracked = context.managed.get(refKey(change.ref));
    const isOthers = tracked?.exists && tracked.baseline && tracked.owner !== context.key;
    if (isOthers) continue; // another delivery of ours has taken it: that is what it carries now
    try {
      if (await deleteIfOurs(change, context)) done.push({ ref: change.ref, did: "deleted" });
      if (tracked?.owner === context.key) context.managed.forget(refKey(change.ref));
    } catch (error) {
      if (context.call.signal?.aborted) throw error;
      survivors.push(change.ref);
      failures.push({ ref: change.ref, failure: asFailure(error, "PruneFailed") });
    }
  }
  return { survivors, failure: failures.length > 0 ? pruneFailure(failures) : undefined };
}

/** A busy object (its controller writes status) is read this often before the conflict is reported. */
const MAX_TRIES = 5;

/**
 * Only an object that still carries our owner labels is deleted: relabelled ones were handed to somebody else. It must
 * be the very object, at the very version, that was looked at: in between, a namesake may be made or another take it.
 */
async function deleteIfOurs(change: Change, context: ApplyContext): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await deleteOnce(change, context);
    } catch (error) {
      if (!(error instanceof Failure) || error.reason !== "Conflict" || tries === MAX_TRIES) throw error;
    }
  }
}

async function deleteOnce(change: Change, context: ApplyContext): Promise<boolean> {
  const { kube, dialect, delivery } = context;
  const kind = await kube.discovery.find(change.ref, context.call);
  const served = kind ?? (await kube.discovery.find({ group: change.ref.group, kind: change.ref.kind }, context.call));
  if (!served) return false; // its kind is gone, and all objects of it
  const ref = { ...change.ref, version: served.version };
  const live = await kube.find(ref, context.call);
  if (!live) return false;
  const owner = dialect.ownerOf(live);
  const isOurs = owner?.name === delivery.origin.name && owner.namespace === delivery.origin.namespace;
  const controls = dialect.readControls(live);
  if (!isOurs || controls.keep || controls.disabled) return false;
  const [uid, resourceVersion] = [digString(live, "metadata", "uid"), digString(live, "metadata", "resourceVersion")];
  context.managed.forget(refKey(ref));
  await kube.delete(ref, {
    ...context.call,
    propagationPolicy: "Background",
    ...(uid === undefined || resourceVersion === undefined ? {} : { preconditions: { uid, resourceVersion } }),
  });
  return true;
}

function pruneFailure(failures: readonly { ref: InventoryEntry; failure: Failure }[]): Failure {
  const lines = failures.map(({ ref, failure }) => `${formatRef(ref)}: ${failure.message}`);
  return new Failure({
    reason: "PruneFailed",
    message: `delete failed: ${lines.join("; ")}`,
    hint: "The objects stay in the inventory and are tried again at the next run",
    cause: failures.map(({ failure }) => failure),
  });
}
