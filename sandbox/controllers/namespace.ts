// Namespaces: deleting one deletes what is in it, then the namespace itself.

import { digString, isObject, type JsonObject } from "@plumbline/core/model";
import type { World } from "../api/world.ts";
import type { StoredObject } from "../store/store.ts";
import { change, destroy, isTerminating, setStatus } from "./actions.ts";
import { type Condition, withConditions } from "./conditions.ts";
import type { Controller } from "./start.ts";

export const namespaceController: Controller = (world, event) => {
  if (event.resource === "/namespaces") return void (event.type !== "DELETED" && reconcile(world, event.state));
  if (event.type !== "DELETED" || event.state.namespace === "") return;
  const namespace = world.store.get("/namespaces", event.state.namespace);
  if (namespace && isTerminating(namespace.object)) reconcile(world, namespace);
};

function contentOf(world: World, namespace: string): StoredObject[] {
  return [...world.store.resources()].flatMap((resource) => world.store.list(resource, namespace));
}

function reconcile(world: World, stale: StoredObject): void {
  const state = world.store.get("/namespaces", stale.key);
  if (!state || !isTerminating(state.object)) return;
  for (const content of contentOf(world, state.name)) {
    if (!isTerminating(content.object)) destroy(world, content, { graceSeconds: 0 });
  }
  const left = contentOf(world, state.name);
  if (left.length > 0)
    return setStatus(world, state, { phase: "Terminating", conditions: remaining(world, state.object, left) });
  change(world, state, {
    subresource: "finalize",
    edit: (object) => ({ ...object, spec: { ...(isObject(object.spec) ? object.spec : {}), finalizers: [] } }),
  });
}

function remaining(world: World, namespace: JsonObject, left: StoredObject[]): JsonObject[] {
  const kinds = [...new Set(left.map(({ object }) => digString(object, "kind") ?? ""))].sort();
  const message = `Some resources are remaining: ${kinds.join(", ")}`;
  const conditions: Condition[] = [
    { type: "NamespaceContentRemaining", status: "True", reason: "SomeResourcesRemain", message },
  ];
  return withConditions(world, namespace, { conditions });
}
