// Names that other objects refer to follow when prefixes, suffixes, hashes or patches change them.

import { overwrite, type SharedChanges } from "./aliases.ts";
import { buildFailure } from "./failures.ts";
import type { PathStep } from "./field-spec.ts";
import { NO_NAMESPACE, formatId, isSelected, type KindSelector } from "./gvk.ts";
import type { Resource } from "./resource.ts";
import { jsonOf } from "./tree-json.ts";
import type { NameReference } from "./transformer-config.ts";
import { changeOne } from "./transform.ts";
import { MapNode, Scalar, SeqNode, STR_TAG, digTree, isNull, textOf, withEntry, type Tree } from "./tree.ts";

/** What a field may name, and the path it was configured with. */
interface Target {
  readonly kind: KindSelector;
  readonly path: string;
}

/** All reference fields of one kind, as a tree of field names. */
interface FieldTree {
  readonly fields: Map<string, FieldTree>;
  readonly targets: Target[];
}

function makeFieldTree(): FieldTree {
  return { fields: new Map(), targets: [] };
}

function fieldTreeOf(id: KindSelector, references: readonly NameReference[]): FieldTree {
  const root = makeFieldTree();
  for (const reference of references) {
    for (const spec of reference.referrers) {
      if (isSelected(id, spec)) addPath(root, spec.steps, { kind: reference, path: spec.path });
    }
  }
  return root;
}

function addPath(root: FieldTree, steps: readonly PathStep[], target: Target): void {
  let at = root;
  for (const { name } of steps) {
    let next = at.fields.get(name);
    if (!next) at.fields.set(name, (next = makeFieldTree()));
    at = next;
  }
  at.targets.push(target);
}

/** Trees of each configuration by kind: most builds have the default one, of which a tree takes longer than its use. */
const treesOf = new WeakMap<readonly NameReference[], Map<string, FieldTree>>();
/** Kinds come from repositories; whoever invents more has their trees made anew. */
const MAX_KINDS = 1000;

function fieldTreesOf(references: readonly NameReference[]): (id: KindSelector) => FieldTree {
  const known = treesOf.get(references);
  const trees = known && known.size < MAX_KINDS ? known : new Map<string, FieldTree>();
  if (trees !== known) treesOf.set(references, trees);
  return (id) => {
    const key = `${id.group}/${id.version}/${id.kind}`;
    let tree = trees.get(key);
    if (!tree) trees.set(key, (tree = fieldTreeOf(id, references)));
    return tree;
  };
}

/** Fixes every reference to a name that has changed. Throws `Failure` when a reference has several meanings. */
export function fixNameReferences(
  resources: readonly Resource[],
  references: readonly NameReference[],
): readonly Resource[] {
  // Even when nothing was renamed: a field on the way that is no mapping is an error to kustomize.
  const candidates = new CandidateIndex(resources);
  const treeOf = fieldTreesOf(references);
  return resources.map((resource) => {
    const fields = treeOf(resource.originalId);
    if (fields.fields.size === 0) return resource;
    if (resource.id.kind === "RoleBinding") checkSubjects(resource);
    return changeOne(resource, (each, changes) => {
      const fixer = new ReferenceFixer(each, candidates, changes);
      return each.withTree(fixer.visit(each.tree, fields));
    });
  });
}

/** Renamed resources by each of their earlier names. */
class CandidateIndex {
  readonly #byName = new Map<string, Resource[]>();
  readonly #byOriginalNamespace = new Map<string, Resource[]>();

  constructor(resources: readonly Resource[]) {
    for (const resource of resources) {
      const inNamespace = this.#byOriginalNamespace.get(resource.originalNamespace);
      if (inNamespace) inNamespace.push(resource);
      else this.#byOriginalNamespace.set(resource.originalNamespace, [resource]);
      for (const name of new Set(resource.carried.previous.map((previous) => previous.name))) {
        const known = this.#byName.get(name);
        if (known) known.push(resource);
        else this.#byName.set(name, [resource]);
      }
    }
  }

  named(name: string): readonly Resource[] {
    return this.#byName.get(name) ?? [];
  }

  firstIn(originalNamespace: string): readonly Resource[] {
    return this.#byOriginalNamespace.get(originalNamespace) ?? [];
  }
}

class ReferenceFixer {
  readonly #referrer: Resource;
  readonly #candidates: CandidateIndex;
  readonly #changes: SharedChanges;
  #bindingNamespaces: Set<string> | undefined;

  constructor(referrer: Resource, candidates: CandidateIndex, changes: SharedChanges) {
    this.#referrer = referrer;
    this.#candidates = candidates;
    this.#changes = changes;
  }

  visit(tree: Tree, fields: FieldTree): Tree {
    let result = tree;
    for (const target of fields.targets) result = this.fix(result, target);
    if (fields.fields.size === 0 || isNull(result)) return result;
    if (result instanceof SeqNode) {
      const items = result.items.map((item) => this.visit(item, { fields: fields.fields, targets: [] }));
      return items.every((item, i) => item === (result as SeqNode).items[i]) ? result : new SeqNode(items);
    }
    if (!(result instanceof MapNode)) throw this.misfit(fields);
    return this.visitMap(result, fields);
  }

  misfit(fields: FieldTree): Error {
    let at = fields;
    while (at.targets.length === 0) at = [...at.fields.values()][0] as FieldTree;
    const path = at.targets[0]?.path ?? "";
    return buildFailure(
      `updating name reference in '${path}' field: expected sequence or mapping node`,
      { object: this.#referrer.label, field: path },
      "Correct the object: this field must be a mapping or a list.",
    );
  }

  visitMap(map: MapNode, { fields }: FieldTree): Tree {
    let result = map;
    for (const [name, next] of fields) {
      const value = result.get(name.trim());
      if (value === undefined) continue;
      const after = this.visit(value, next);
      if (after !== value) result = withEntry(result, name.trim(), after);
    }
    return result;
  }

  fix(tree: Tree, target: Target): Tree {
    if (isNull(tree)) return tree;
    if (tree instanceof Scalar) return this.fixScalar(tree, target);
    if (tree instanceof MapNode) return this.fixMap(tree, target);
    const items = tree.items.map((item) => {
      if (isNull(item)) return item;
      if (item instanceof Scalar) return this.fixScalar(item, target);
      if (item instanceof MapNode) return this.fixMap(item, target);
      throw buildFailure(
        "expected a text or a mapping in a list of references",
        { object: this.#referrer.label, field: target.path },
        "Write the references as texts or mappings.",
      );
    });
    return items.every((item, i) => item === tree.items[i]) ? tree : new SeqNode(items);
  }

  fixScalar(scalar: Scalar, target: Target): Scalar {
    const named = this.#candidates.named(scalar.value);
    if (named.length === 0) return scalar;
    const referral = this.select(named, target, (a, b) => a.id.name === b.id.name);
    if (!referral || referral.id.name === scalar.value) return scalar;
    return overwrite(scalar, { value: referral.id.name, tag: "" }, this.#changes);
  }

  fixMap(map: MapNode, target: Target): MapNode {
    const name = map.get("name");
    if (name === undefined) {
      throw buildFailure(
        "path config error; no 'name' field in node",
        { object: this.#referrer.label, field: target.path },
        "Give the reference a name.",
      );
    }
    const inNamespace = this.inNamespace(this.#candidates.named(textOf(name)), map.get("namespace"));
    if (inNamespace.length === 0) return map;
    const same = (a: Resource, b: Resource): boolean => a.id.name === b.id.name && a.id.namespace === b.id.namespace;
    const referral = this.select(inNamespace, target, same);
    if (!referral) return map;
    const { id } = referral;
    if (id.name === textOf(name) && id.namespace === "") return map;
    const renamed = withEntry(map, "name", overwrite(name, { value: id.name, tag: "" }, this.#changes));
    if (id.namespace === "") return renamed;
    const before = map.get("namespace");
    const namespace = before
      ? overwrite(before, { value: id.namespace, tag: "" }, this.#changes)
      : new Scalar(id.namespace, STR_TAG);
    return withEntry(renamed, "namespace", namespace);
  }

  inNamespace(named: readonly Resource[], field: Tree | undefined): readonly Resource[] {
    const possible = named.filter((resource) => this.isReachable(resource));
    if (field === undefined) return possible;
    const namespace = textOf(field);
    if (namespace === NO_NAMESPACE) return [];
    // A namespace that nothing came from is looked for among the present ones; objects of any name count.
    return this.#candidates.firstIn(namespace).some((resource) => this.isReachable(resource))
      ? possible.filter((resource) => resource.originalNamespace === namespace)
      : possible.filter((resource) => resource.namespace === namespace);
  }

  /** Objects see their own namespace and cluster-scoped objects; bindings also the namespaces of their subjects. */
  isReachable(candidate: Resource): boolean {
    const referrer = this.#referrer;
    if (referrer.id.clusterScoped || candidate.id.clusterScoped) return true;
    if (candidate.namespace === referrer.namespace) return true;
    if (referrer.id.kind !== "RoleBinding") return false;
    this.#bindingNamespaces ??= subjectNamespaces(referrer);
    return this.#bindingNamespaces.has(candidate.id.namespace);
  }

  select(
    named: readonly Resource[],
    target: Target,
    same: (a: Resource, b: Resource) => boolean,
  ): Resource | undefined {
    let found = named.filter((candidate) => this.isCandidate(candidate, target));
    if (found.length <= 1) return found[0];
    found = found.filter((candidate) => sharesAffixes(candidate, this.#referrer, true));
    if (found.length > 1) found = found.filter((candidate) => sharesAffixes(candidate, this.#referrer, false));
    const [first] = found;
    if (!first || found.every((candidate) => same(candidate, first))) return first;
    throw buildFailure(
      `found multiple possible referrals: ${found.map((candidate) => formatId(candidate.id)).join(", ")}`,
      { object: this.#referrer.label, field: target.path },
      "Give the objects different names, or name the one that is meant by its full name.",
    );
  }

  isCandidate(candidate: Resource, target: Target): boolean {
    if (!this.isReachable(candidate)) return false;
    const previous = candidate.previousIds;
    if (!previous.some((id) => isSelected(id, target.kind))) return false;
    const role = target.path.endsWith("roleRef/name") ? roleOf(this.#referrer) : undefined;
    if (role && !previous.some((id) => isSelected(id, role))) return false;
    if (this.#referrer.id.clusterScoped || candidate.id.clusterScoped) return true;
    return candidate.id.kind === "ServiceAccount" || candidate.namespace === this.#referrer.namespace;
  }
}

function roleOf(binding: Resource): KindSelector | undefined {
  const role = binding.tree.get("roleRef");
  const group = digTree(role, "apiGroup");
  const kind = digTree(role, "kind");
  return group && kind ? { group: textOf(group), version: "", kind: textOf(kind) } : undefined;
}

/** kustomize reads the namespaces of service accounts, and refuses those that are no text. */
function checkSubjects(binding: Resource): void {
  const subjects = binding.tree.get("subjects");
  if (!(subjects instanceof SeqNode)) return;
  for (const [i, subject] of subjects.items.entries()) {
    const namespace = digTree(subject, "namespace");
    if (!namespace || textOf(digTree(subject, "kind")) !== "ServiceAccount") continue;
    if (!isNull(namespace) && typeof jsonOf(namespace, binding.label) === "string") continue;
    throw buildFailure(
      `namespace is blank for resource ${formatId(binding.id)}`,
      { object: binding.label, field: `subjects[${i}].namespace` },
      "Name the namespace, or leave the field out.",
    );
  }
}

function subjectNamespaces(binding: Resource): Set<string> {
  const subjects = binding.tree.get("subjects");
  const found = new Set<string>();
  if (!(subjects instanceof SeqNode)) return found;
  for (const subject of subjects.items) {
    const namespace = digTree(subject, "namespace");
    if (namespace && textOf(digTree(subject, "kind")) === "ServiceAccount") found.add(textOf(namespace));
  }
  return found;
}

function sharesAffixes(a: Resource, b: Resource, allowEmpty: boolean): boolean {
  return (
    sameEnding(a.carried.prefixes, b.carried.prefixes, allowEmpty) &&
    sameEnding(a.carried.suffixes, b.carried.suffixes, allowEmpty)
  );
}

function sameEnding(a: readonly string[], b: readonly string[], allowEmpty: boolean): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length === 0) return allowEmpty || long.length === 0;
  const shift = long.length - short.length;
  return short.every((part, i) => part === long[i + shift]);
}
