// What to send when a CustomResourceDefinition is installed over one that is there already.

import {
  dig,
  digString,
  Failure,
  isObject,
  type JsonArray,
  type JsonObject,
  type Manifest,
} from "@plumbline/core/model";

export interface MergedCrd {
  manifest: Manifest;
  /** Versions of the live definition that were kept because objects may still be stored in them. */
  keptVersions: string[];
}

/**
 * Our definition, with every version of the live one added that stands in its `status.storedVersions` and that ours
 * does not have: the API server refuses to drop those, and objects stored in them could no longer be read. They stay as
 * they are, schema and `served` included, but are not the storage version any more.
 * Throws Conflict when the live definition is one of another kind.
 */
export function mergeCrd(live: Manifest | undefined, ours: Manifest): MergedCrd {
  if (!live) return { manifest: ours, keptVersions: [] };
  checkSameKind(live, ours);
  const known = new Set(versionsOf(ours).map(nameOf));
  const stored = dig(live, "status", "storedVersions");
  const storedNames = new Set(Array.isArray(stored) ? stored.filter((name) => typeof name === "string") : []);
  const kept = versionsOf(live).filter((version) => storedNames.has(nameOf(version)) && !known.has(nameOf(version)));
  if (kept.length === 0) return { manifest: ours, keptVersions: [] };
  const versions: JsonArray = [...versionsOf(ours), ...kept.map((version) => ({ ...version, storage: false }))];
  const spec = isObject(ours.spec) ? ours.spec : {};
  return { manifest: { ...ours, spec: { ...spec, versions } }, keptVersions: kept.map(nameOf) };
}

function checkSameKind(live: Manifest, ours: Manifest): void {
  for (const path of [
    ["metadata", "name"],
    ["spec", "group"],
    ["spec", "names", "kind"],
    ["spec", "scope"],
  ]) {
    const [has, wants] = [digString(live, ...path), digString(ours, ...path)];
    if (has === wants) continue;
    const name = digString(ours, "metadata", "name") ?? "";
    throw new Failure({
      reason: "Conflict",
      message: `the CustomResourceDefinition in the cluster has ${path.join(".")} ${JSON.stringify(has)}, ours has ${JSON.stringify(wants)}`,
      hint: "Find out what installed it; it must be removed before ours can be installed",
      where: { object: `CustomResourceDefinition/${name}`, field: path.join(".") },
      retry: "never",
    });
  }
}

function versionsOf(crd: Manifest): JsonObject[] {
  const versions = dig(crd, "spec", "versions");
  return Array.isArray(versions) ? versions.filter(isObject) : [];
}

function nameOf(version: JsonObject): string {
  return digString(version, "name") ?? "";
}
