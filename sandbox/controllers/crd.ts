// CustomResourceDefinitions: accepted and served at once; deleting one deletes its objects first.
// Facts: k8s.io/apiextensions-apiserver pkg/controller/{establish,status,finalizer}.

import { dig, digString, equalJson, isObject, type JsonObject } from "@plumbline/core/model";
import { crdCleanupFinalizer } from "../api/remove.ts";
import type { World } from "../api/world.ts";
import type { StoredObject } from "../store/store.ts";
import { destroy, isTerminating, removeFinalizer, setStatus } from "./actions.ts";
import { type Condition, withConditions } from "./conditions.ts";
import type { Controller } from "./start.ts";

const crds = "apiextensions.k8s.io/customresourcedefinitions";

export const crdController: Controller = (world, event) => {
  if (event.resource === crds) {
    if (event.type === "DELETED") world.registry.withdrawCrd(event.state.name);
    else accept(world, event.state);
    return;
  }
  if (event.type !== "DELETED") return;
  for (const crd of world.store.list(crds))
    if (isTerminating(crd.object) && idOf(crd.object) === event.resource) clean(world, crd);
};

function idOf(crd: JsonObject): string {
  return `${digString(crd, "spec", "group")}/${digString(crd, "spec", "names", "plural")}`;
}

function accept(world: World, stale: StoredObject): void {
  const state = world.store.get(crds, stale.key);
  if (!state || state.uid !== stale.uid) return;
  world.registry.serveCrd(state.object);
  if (isTerminating(state.object)) return clean(world, state);
  const names = dig(state.object, "spec", "names");
  const conditions: Condition[] = [
    { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" },
    {
      type: "Established",
      status: "True",
      reason: "InitialNamesAccepted",
      message: "the initial names have been accepted",
    },
  ];
  const status: JsonObject = {
    conditions: withConditions(world, state.object, { conditions }),
    acceptedNames: isObject(names) ? names : {},
    storedVersions: storedVersions(state.object),
  };
  if (!equalJson(state.object.status, status)) setStatus(world, state, status);
}

/** Versions that objects may be stored in: all that ever were, and the present one. */
function storedVersions(crd: JsonObject): string[] {
  const before = dig(crd, "status", "storedVersions");
  const known = Array.isArray(before) ? before.filter((version) => typeof version === "string") : [];
  const versions = dig(crd, "spec", "versions");
  const storage = Array.isArray(versions) ? versions.find((version) => dig(version, "storage") === true) : undefined;
  const name = digString(storage, "name");
  return name === undefined || known.includes(name) ? known : [...known, name];
}

function clean(world: World, crd: StoredObject): void {
  const id = idOf(crd.object);
  for (const state of world.store.list(id)) if (!isTerminating(state.object)) destroy(world, state);
  if (world.store.list(id).length === 0) removeFinalizer(world, crd, crdCleanupFinalizer);
}
