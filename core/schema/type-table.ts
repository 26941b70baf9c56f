// One place to ask for the type of a kind: built-in or from the CRDs that were given.

import { digString, dig, formatApiVersion, type Gvk, type JsonObject } from "@plumbline/core/model";
import { builtinType } from "./builtin.ts";
import { crdType, crdVersionSchema } from "./crd.ts";
import type { TypeNode } from "./type.ts";

export interface TypeTable {
  /** The type of a kind, or undefined when neither Kubernetes nor a given CRD has it. */
  typeOf(gvk: Gvk): TypeNode | undefined;
}

/** Types of the built-in kinds and of every version of the CRDs given (`CustomResourceDefinition` objects, v1). */
export function typeTable(crds: Iterable<JsonObject> = []): TypeTable {
  const custom = new Map<string, () => TypeNode>();
  for (const crd of crds) addVersions(custom, crd);
  const built = new Map<string, TypeNode>();
  const typeOf = (gvk: Gvk): TypeNode | undefined => {
    const key = `${formatApiVersion(gvk)}/${gvk.kind}`;
    const make = custom.get(key);
    if (!make) return builtinType(gvk);
    const node = built.get(key) ?? make();
    built.set(key, node);
    return node;
  };
  return { typeOf };
}

function addVersions(custom: Map<string, () => TypeNode>, crd: JsonObject): void {
  const group = digString(crd, "spec", "group") ?? "";
  const kind = digString(crd, "spec", "names", "kind") ?? "";
  const versions = dig(crd, "spec", "versions");
  if (!Array.isArray(versions)) return;
  for (const entry of versions) {
    const version = digString(entry, "name") ?? "";
    const gvk = { group, version, kind };
    custom.set(`${formatApiVersion(gvk)}/${kind}`, () => crdType(gvk, crdVersionSchema(crd, version)));
  }
}
