// Lets the API server judge one difference: a dry run, of which it stores nothing.

import {
  type Change,
  type Delivery,
  digString,
  equalJson,
  Failure,
  isObject,
  type JsonValue,
  type Manifest,
  type ObjectRef,
  refKey,
  refOf,
} from "@plumbline/core/model";
import { differsBeyond, needsTakeover } from "@plumbline/core/plan";
import type { KubeClient } from "@plumbline/edges/kube";
import { ignoreRulesOf } from "@plumbline/engine/preview";
import { fluxDialect } from "../operator/flux-dialect.ts";

export interface Trial {
  client: KubeClient;
  delivery: Delivery;
  live: ReadonlyMap<string, Manifest>;
  /** All changes of the delivery: an object may need a namespace or a kind that is created with it. */
  changes: readonly Change[];
}

/** `same`: applying it would leave the object as it is. Throws what the API server refuses. */
export async function tryOnServer(manifest: Manifest, trial: Trial): Promise<"same" | "changed"> {
  const { client, delivery } = trial;
  const manager = fluxDialect.managers.apply;
  const ref = refOf(manifest);
  const live = trial.live.get(refKey(ref));
  if (live && needsTakeover(live, { manager, override: [] })) return "changed";
  const account = delivery.serviceAccount;
  const user = `system:serviceaccount:${delivery.origin.namespace}:${account}`;
  try {
    const { object } = await client.apply(manifest, {
      fieldManager: manager,
      force: true,
      dryRun: true,
      ...(account === undefined ? {} : { impersonate: { user } }),
    });
    if (!live) return "changed";
    const pointers = ignoreRulesOf(delivery)?.pointersFor(object) ?? [];
    const isSame =
      pointers.length > 0
        ? !differsBeyond(pointers, { live, dryRun: object, manager })
        : equalJson(lasting(live), lasting(object));
    return isSame ? "same" : "changed";
  } catch (error) {
    const isMissing = error instanceof Failure && error.reason === "NotFound";
    if (isMissing && isPromised(ref, trial.changes)) return "changed";
    throw error;
  }
}

/** All of an object but the times of its managers. */
function lasting(object: Manifest): JsonValue {
  if (!isObject(object.metadata) || !Array.isArray(object.metadata.managedFields)) return object;
  const managedFields = object.metadata.managedFields.map((entry): JsonValue => {
    if (!isObject(entry)) return entry;
    const { time: _time, ...rest } = entry;
    return rest;
  });
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

function isPromised(ref: ObjectRef, changes: readonly Change[]): boolean {
  return changes.some(({ ref: other, manifest }) => {
    if (other.kind === "Namespace" && other.group === "") return other.name === ref.namespace;
    return (
      other.kind === "CustomResourceDefinition" &&
      digString(manifest, "spec", "group") === ref.group &&
      digString(manifest, "spec", "names", "kind") === ref.kind
    );
  });
}
