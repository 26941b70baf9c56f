// The namespace of every namespaced object, of ServiceAccount subjects and of what configuration names.

import { setScalarText, type SharedChanges } from "./aliases.ts";
import { applyFieldSpec, type FieldEdit } from "./apply-field-spec.ts";
import { buildFailure } from "./failures.ts";
import { makeFieldSpec, type FieldSpec } from "./field-spec.ts";
import { apiVersionOf, isSelected } from "./gvk.ts";
import type { Resource } from "./resource.ts";
import { changeOne, type Transform } from "./transform.ts";
import { MapNode, Scalar, SeqNode, STR_TAG, isMissingOrNull, isNull, textOf, withEntry, type Tree } from "./tree.ts";

export type SubjectMode = "defaultOnly" | "allServiceAccounts" | "none";

export interface NamespaceSettings {
  namespace: string;
  fieldSpecs: readonly FieldSpec[];
  unsetOnly?: boolean;
  subjects?: SubjectMode;
}

const metadataNamespace = makeFieldSpec({ path: "metadata/namespace", create: true });
const BINDINGS = new Set(["RoleBinding", "ClusterRoleBinding"]);

export function namespaceTransform(settings: NamespaceSettings): Transform {
  return {
    name: "NamespaceTransformer",
    run: (resources) => {
      if (settings.namespace === "") return resources;
      const counts = new Map<string, number>();
      for (const { key } of resources) counts.set(key, (counts.get(key) ?? 0) + 1);
      return resources.map((resource) => {
        if (resource.carried.helm) return resource;
        const moved = changeOne(resource.rememberId(), (each, changes) => moveResource(each, settings, changes));
        counts.set(resource.key, (counts.get(resource.key) ?? 0) - 1);
        const count = (counts.get(moved.key) ?? 0) + 1;
        counts.set(moved.key, count);
        if (count === 1) return moved;
        throw buildFailure(
          `namespace transformation produces ID conflict: ${moved.label}`,
          { object: moved.label },
          "Rename one of the objects, or leave out the namespace.",
        );
      });
    },
  };
}

/** Sets the namespace in one resource. */
export function moveResource(resource: Resource, settings: NamespaceSettings, changes: SharedChanges): Resource {
  const set = (tree: Tree): Tree => {
    if (settings.unsetOnly && textOf(tree) !== "" && !isNull(tree)) return tree;
    return setScalarText(tree, { value: settings.namespace, tag: STR_TAG }, changes);
  };
  const edit: FieldEdit = { set, create: { kind: "scalar", tag: STR_TAG } };
  const { id } = resource;
  let tree: Tree = resource.tree;
  if (!id.clusterScoped) {
    tree = applyFieldSpec(tree, metadataNamespace, { set, create: { kind: "scalar", tag: "" } });
  }
  if (BINDINGS.has(id.kind)) tree = moveSubjects(tree as MapNode, settings.subjects ?? "defaultOnly", set);
  for (const spec of settings.fieldSpecs) {
    if (!isSelected(id, spec) || isHandledElsewhere(spec, resource)) continue;
    tree = applyFieldSpec(tree, spec, edit);
  }
  return resource.withTree(tree);
}

function isHandledElsewhere(spec: FieldSpec, resource: Resource): boolean {
  if (spec.path === "metadata/namespace") return true;
  if (spec.path === "metadata/name" && apiVersionOf(resource.id) !== "v1") return true;
  return BINDINGS.has(resource.id.kind) && BINDINGS.has(spec.kind) && spec.path === "subjects/namespace";
}

function moveSubjects(tree: MapNode, mode: SubjectMode, set: (tree: Tree) => Tree): Tree {
  const subjects = tree.get("subjects");
  if (mode === "none" || subjects === undefined || isNull(subjects)) return tree;
  if (!(subjects instanceof SeqNode)) {
    throw buildFailure("subjects must be a list", { field: "subjects" }, "Write the subjects as a list.");
  }
  const items = subjects.items.map((subject) => moveSubject(subject, mode, set));
  return items.every((item, i) => item === subjects.items[i]) ? tree : withEntry(tree, "subjects", new SeqNode(items));
}

function moveSubject(subject: Tree, mode: SubjectMode, set: (tree: Tree) => Tree): Tree {
  if (isNull(subject)) return subject;
  if (!(subject instanceof MapNode)) {
    throw buildFailure("a subject must be a mapping", { field: "subjects" }, "Give kind and name of the subject.");
  }
  const field = mode === "defaultOnly" ? "name" : "kind";
  const wanted = mode === "defaultOnly" ? "default" : "ServiceAccount";
  const value = subject.get(field);
  if (isMissingOrNull(value) || textOf(value) !== wanted) return subject;
  return withEntry(subject, "namespace", set(subject.get("namespace") ?? new Scalar("", "")));
}
