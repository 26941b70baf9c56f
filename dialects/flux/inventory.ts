// The list of applied objects as Flux keeps it in status.inventory: ids `<namespace>_<name>_<group>_<kind>`.

import {
  Failure,
  formatRef,
  type InventoryEntry,
  isObject,
  type JsonArray,
  type JsonValue,
  type Manifest,
  type ObjectRef,
  own,
  refOf,
} from "@plumbline/core/model";
import { compareRefs, stageOf } from "@plumbline/core/plan";

/** RBAC names may hold colons, which an id writes as two underscores. */
const rbacKinds = new Set(["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"]);

/** The id of an object; the core group and the namespace of cluster-scoped objects are empty. */
export function inventoryId(ref: Omit<ObjectRef, "version">): string {
  const coloned = ref.group === "rbac.authorization.k8s.io" && rbacKinds.has(ref.kind);
  const name = coloned ? ref.name.replaceAll(":", "__") : ref.name;
  return `${ref.namespace}_${name}_${ref.group}_${ref.kind}`;
}

/** Stages in the order in which they are applied. */
const stages = ["definitions", "classes", "custom", "objects"];

/** `status.inventory.entries` for the objects, in Flux's order: as they are applied, whatever order they come in. */
export function encodeInventory(entries: readonly InventoryEntry[]): JsonArray {
  const none = new Set<string>();
  const staged = entries.map((entry) => ({ entry, stage: stages.indexOf(stageOf(entry, none)) }));
  staged.sort((a, b) => a.stage - b.stage || compareRefs(a.entry, b.entry));
  return staged.map(({ entry }) => ({ id: inventoryId(entry), v: entry.version }));
}

/** The object that an id names; undefined when it is none. */
export function parseInventoryId(id: string): Omit<ObjectRef, "version"> | undefined {
  const parts = /^(?<namespace>[^_]*)_(?<name>.+)_(?<group>[^_]*)_(?<kind>[^_]+)$/su.exec(id)?.groups;
  if (!parts) return undefined;
  const { namespace = "", group = "", kind = "" } = parts;
  const name = (parts.name ?? "").replaceAll("__", ":");
  // A single underscore is in no name of Kubernetes: such an id is not one of Flux's.
  return name.includes("_") ? undefined : { namespace, name, group, kind };
}

/**
 * Reads `status.inventory.entries`. A Failure is returned, not thrown, when anything in it cannot be understood:
 * the delivery goes on, but nothing may be deleted on the word of a list that was read only in part.
 */
export function decodeInventory(owner: Manifest, entries: JsonValue | undefined): InventoryEntry[] | Failure {
  if (entries === undefined || entries === null) return [];
  if (!Array.isArray(entries)) return unreadable(owner, "status.inventory.entries is not a list");
  const inventory: InventoryEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    const id = isObject(entry) ? own(entry, "id") : undefined;
    const version = isObject(entry) ? own(entry, "v") : undefined;
    const parsed = typeof id === "string" ? parseInventoryId(id) : undefined;
    if (!parsed || typeof version !== "string" || version === "") {
      return unreadable(
        owner,
        `status.inventory.entries[${index}] (${JSON.stringify(id ?? null).slice(0, 120)}) names no object`,
      );
    }
    inventory.push({ ...parsed, version });
  }
  return inventory;
}

function unreadable(owner: Manifest, message: string): Failure {
  return new Failure({
    reason: "PruneFailed",
    message: `${message}; nothing is deleted`,
    hint: "Remove status.inventory to start a new list; objects that are no longer in the source must then be deleted by hand",
    where: { object: formatRef(refOf(owner)), field: "status.inventory" },
  });
}
