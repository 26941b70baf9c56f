// One resource in a build: its tree and, beside it, what kustomize remembers about it.

import { buildFailure } from "./failures.ts";
import { splitApiVersion, effectiveNamespace, type ResId, type ScopeOf } from "./gvk.ts";
import type { Origin } from "./origin.ts";
import { MapNode, isNilOrEmpty, textOf, withEntry, withoutEntry, stringScalar, Scalar, type Tree } from "./tree.ts";

/** An earlier identity; its group and version are those of today. */
export interface PreviousId {
  readonly name: string;
  readonly namespace: string;
  readonly kind: string;
}

export type Behavior = "unspecified" | "create" | "replace" | "merge";

/** What kustomize keeps in hidden annotations, carried beside the tree. */
export interface Carried {
  readonly previous: readonly PreviousId[];
  /** It was renamed while it had no name, which kustomize's lists of earlier names cannot hold. */
  readonly wasNameless: boolean;
  readonly prefixes: readonly string[];
  readonly suffixes: readonly string[];
  /** Undefined for what no generator made. */
  readonly behavior: Behavior | undefined;
  readonly needsHash: boolean;
  /** A chart's namespace is the chart's business. */
  readonly helm: boolean;
  readonly varNames: readonly string[];
  readonly origin: Origin | undefined;
  readonly transformations: readonly Origin[];
}

export const nothingCarried: Carried = {
  previous: [],
  wasNameless: false,
  prefixes: [],
  suffixes: [],
  behavior: undefined,
  needsHash: false,
  helm: false,
  varNames: [],
  origin: undefined,
  transformations: [],
};

/** A value: every change makes a new resource. */
export class Resource {
  readonly tree: MapNode;
  readonly carried: Carried;
  readonly #scopeOf: ScopeOf;
  #id: (ResId & { clusterScoped: boolean }) | undefined;
  #key: string | undefined;

  constructor(tree: MapNode, scopeOf: ScopeOf, carried: Carried = nothingCarried) {
    this.tree = tree;
    this.carried = carried;
    this.#scopeOf = scopeOf;
  }

  /** The same resource with another tree. */
  withTree(tree: Tree): Resource {
    return tree === this.tree ? this : new Resource(tree as MapNode, this.#scopeOf, this.carried);
  }

  with(changes: Partial<Carried>, tree: MapNode = this.tree): Resource {
    return new Resource(tree, this.#scopeOf, { ...this.carried, ...changes });
  }

  /** Its identity as it stands in the tree. */
  get id(): ResId & { readonly clusterScoped: boolean } {
    if (this.#id) return this.#id;
    const apiVersion = textOf(this.tree.get("apiVersion"));
    const kind = textOf(this.tree.get("kind"));
    return (this.#id = {
      ...splitApiVersion(apiVersion),
      kind,
      name: this.metadataText("name"),
      namespace: this.metadataText("namespace"),
      clusterScoped: this.#scopeOf(apiVersion, kind),
    });
  }

  get namespace(): string {
    return effectiveNamespace(this.id.clusterScoped, this.id.namespace);
  }

  /** Equal for two resources exactly when kustomize takes them for the same. */
  get key(): string {
    if (this.#key !== undefined) return this.#key;
    const { group, version, kind, name } = this.id;
    return (this.#key = `${this.namespace}\n${group}/${version}/${kind}\n${name}`);
  }

  /** Earlier identities, oldest first. */
  get previousIds(): ResId[] {
    const { group, version } = this.id;
    return this.carried.previous.map((previous) => ({ group, version, ...previous }));
  }

  /** The oldest identity. */
  get originalId(): ResId & { readonly clusterScoped?: boolean } {
    const [first] = this.carried.previous;
    return first ? { group: this.id.group, version: this.id.version, ...first } : this.id;
  }

  /** The namespace of the oldest identity, as it counts in comparisons. */
  get originalNamespace(): string {
    const [first] = this.carried.previous;
    return first ? first.namespace || "default" : this.namespace;
  }

  /**
   * Remembers the identity of now, before it changes. Throws `Failure` for names that kustomize's comma-separated lists
   * of earlier names cannot hold (it crashes).
   */
  rememberId(tree: MapNode = this.tree): Resource {
    const { name, kind } = this.id;
    if (name === "" && this.carried.previous.length === 0) return this.with({ wasNameless: true }, tree);
    if (name === "" || this.carried.wasNameless || [name, kind, this.namespace].some((part) => part.includes(","))) {
      throw buildFailure(
        "an object whose name is empty or has a comma cannot be renamed",
        { object: this.label, field: "metadata.name" },
        "Give the object a proper name first.",
      );
    }
    return this.with({ previous: [...this.carried.previous, { name, kind, namespace: this.namespace }] }, tree);
  }

  /** `Kind/namespace/name` for messages. */
  get label(): string {
    const { kind, namespace, name } = this.id;
    return namespace === "" ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
  }

  metadataText(field: string): string {
    const metadata = this.tree.get("metadata");
    const value = metadata instanceof MapNode ? metadata.get(field) : undefined;
    return isNilOrEmpty(value) ? "" : textOf(value);
  }

  /** metadata.labels or metadata.annotations; the text of every value. */
  metadataMap(field: "labels" | "annotations"): Map<string, string> {
    return textMapOf(this.tree, field);
  }

  /** True when kustomize would hold annotations of its own in the object. */
  get hasHiddenAnnotations(): boolean {
    const { previous, wasNameless, prefixes, suffixes, behavior, needsHash, helm } = this.carried;
    const lists = previous.length + prefixes.length + suffixes.length;
    return lists > 0 || wasNameless || behavior !== undefined || needsHash || helm;
  }
}

export function textMapOf(tree: MapNode, field: "labels" | "annotations"): Map<string, string> {
  const metadata = tree.get("metadata");
  const map = metadata instanceof MapNode ? metadata.get(field) : undefined;
  const texts = new Map<string, string>();
  if (map instanceof MapNode) map.keys.forEach((key, i) => texts.set(key, textOf(map.values[i])));
  return texts;
}

/** kyaml's `SetMapField` on metadata: keeps the quotes of what stands there. */
export function withMetadataText(tree: MapNode, field: string, value: string): MapNode {
  const metadata = tree.get("metadata");
  const map = metadata instanceof MapNode ? metadata : new MapNode();
  return withEntry(tree, "metadata", withEntry(map, field, settledScalar(map.get(field), value)));
}

/** The scalar that kyaml's `FieldSetter` leaves for an untyped text. */
export function settledScalar(existing: Tree | undefined, value: string): Scalar {
  if (existing === undefined) return stringScalar(value);
  return new Scalar(value, "", existing instanceof Scalar && existing.quoted);
}

/** Replaces metadata.labels or metadata.annotations by texts; an empty map removes the field. */
export function withTextMap(
  tree: MapNode,
  field: "labels" | "annotations",
  texts: ReadonlyMap<string, string>,
): MapNode {
  const metadata = tree.get("metadata");
  const map = metadata instanceof MapNode ? metadata : new MapNode();
  const cleared = withoutEntry(map, field);
  if (texts.size === 0) return cleared === map && metadata === map ? tree : withEntry(tree, "metadata", cleared);
  // A second field of the same name comes to light when the first is removed, and takes the entries.
  const hidden = cleared.get(field);
  let entries = hidden instanceof MapNode ? hidden : new MapNode();
  if (entries.keys.length > 0) {
    for (const [key, value] of texts) entries = withEntry(entries, key, stringScalar(value));
  } else {
    entries = new MapNode(
      [...texts.keys()],
      [...texts.values()].map((value) => stringScalar(value)),
    );
  }
  return withEntry(tree, "metadata", withEntry(cleared, field, entries));
}
