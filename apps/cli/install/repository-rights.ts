// The rights that a repository needs: computed from its manifests, each with the object that asks for it. Pure.

import {
  dig,
  digString,
  formatRef,
  gvkOf,
  isObject,
  type JsonObject,
  type Manifest,
  refOf,
} from "@plumbline/core/model";
import { builtinResource } from "@plumbline/core/schema";
import type { RepositoryRights } from "./install-options.ts";

/** The objects of one Kustomization. */
export interface KustomizationObjects {
  /** `namespace/name` */
  name: string;
  /** Set when they are applied with the rights of this account: they then need none of the operator's. */
  serviceAccount: string | undefined;
  manifests: readonly Manifest[];
}

const RBAC = "rbac.authorization.k8s.io";
/** Of everything that is applied: server-side apply creates and patches; the watch sees drift. */
const APPLY_VERBS = ["get", "list", "watch", "create", "patch", "delete"];

interface Wanted {
  group: string;
  resource: string;
  verbs: readonly string[];
  names?: Set<string>;
  objects: string[];
}

interface Counting {
  wanted: Map<string, Wanted>;
  plurals: ReadonlyMap<string, string>;
  warnings: Set<string>;
}

/** Deterministic: sorted by resource. Substitution variables must not stand in kinds. */
export function repositoryRights(kustomizations: readonly KustomizationObjects[]): RepositoryRights {
  const counting: Counting = { wanted: new Map(), plurals: pluralsOf(kustomizations), warnings: new Set() };
  const granted = new Map<string, JsonObject>();
  for (const { manifests, serviceAccount } of kustomizations) {
    if (serviceAccount !== undefined) continue;
    for (const manifest of manifests) {
      addObject(manifest, counting);
      for (const rule of rulesOf(manifest)) granted.set(JSON.stringify(rule), rule);
      addBinding(manifest, counting);
      addAggregation(manifest, counting);
    }
  }
  const sorted = [...counting.wanted.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const accounts = kustomizations.flatMap(({ serviceAccount }) => serviceAccount ?? []);
  return {
    rules: [...sorted.map(ruleOf), ...granted.values()],
    needed: sorted.map(explained),
    accounts: [...new Set(accounts)].sort(),
    warnings: [...counting.warnings].sort(),
  };
}

function addObject(manifest: Manifest, { wanted, plurals, warnings }: Counting): void {
  const { group, kind } = gvkOf(manifest);
  const builtin = builtinResource(gvkOf(manifest));
  const known = builtin?.plural ?? plurals.get(`${group}/${kind}`);
  if (known === undefined) {
    warnings.add(`${kind}.${group}: no CRD of it is in the repository, its resource name was guessed`);
  }
  const verbs = builtin ? APPLY_VERBS.filter((verb) => builtin.verbs.includes(verb)) : APPLY_VERBS;
  add(wanted, { group, resource: known ?? guessPlural(kind), verbs, objects: [formatRef(refOf(manifest))] });
}

/** Who creates a role must hold what it grants (Kubernetes' escalation check). */
function rulesOf(manifest: Manifest): JsonObject[] {
  const { group, kind } = gvkOf(manifest);
  const isRole = group === RBAC && (kind === "Role" || kind === "ClusterRole");
  return isRole && Array.isArray(manifest.rules) ? manifest.rules.filter(isObject) : [];
}

/** Who binds a role must hold what it grants, or may `bind` just that role. */
function addBinding(manifest: Manifest, { wanted, warnings }: Counting): void {
  const { group, kind } = gvkOf(manifest);
  if (group !== RBAC || (kind !== "RoleBinding" && kind !== "ClusterRoleBinding")) return;
  const name = digString(manifest, "roleRef", "name") ?? "";
  const resource = digString(manifest, "roleRef", "kind") === "Role" ? "roles" : "clusterroles";
  const object = formatRef(refOf(manifest));
  add(wanted, { group: RBAC, resource, verbs: ["bind"], names: new Set([name]), objects: [object] });
  if (name === "cluster-admin") {
    warnings.add(`${object} binds cluster-admin: whoever may commit to the repository can get every right`);
  }
}

/** Rules that the cluster fills in later cannot be held beforehand. */
function addAggregation(manifest: Manifest, { wanted, warnings }: Counting): void {
  const { group, kind } = gvkOf(manifest);
  if (group !== RBAC || kind !== "ClusterRole" || !isObject(manifest.aggregationRule)) return;
  const object = formatRef(refOf(manifest));
  add(wanted, { group: RBAC, resource: "clusterroles", verbs: ["escalate"], objects: [object] });
  warnings.add(`${object} aggregates rules: that needs the right to escalate, which is as good as every right`);
}

function add(wanted: Map<string, Wanted>, one: Wanted): void {
  const key = keyOf(one);
  const before = wanted.get(key);
  if (!before) {
    wanted.set(key, one);
    return;
  }
  before.objects.push(...one.objects);
  for (const name of one.names ?? []) before.names?.add(name);
}

function keyOf({ group, resource, verbs }: Wanted): string {
  return `${group}/${resource} ${verbs.join(",")}`;
}

function ruleOf({ group, resource, verbs, names }: Wanted): JsonObject {
  const resourceNames = names ? { resourceNames: [...names].sort() } : {};
  return { apiGroups: [group], resources: [resource], verbs: [...verbs], ...resourceNames };
}

function explained({ group, resource, verbs, names, objects }: Wanted): RepositoryRights["needed"][number] {
  const [first = "", ...more] = [...new Set(objects)].sort();
  return {
    resource: group === "" ? resource : `${resource}.${group}`,
    verbs,
    ...(names ? { names: [...names].sort() } : {}),
    because: more.length === 0 ? first : `${first} and ${more.length} more`,
  };
}

/** `group/Kind` to resource, from the CRDs that the repository brings. */
function pluralsOf(kustomizations: readonly KustomizationObjects[]): Map<string, string> {
  const plurals = new Map([
    ["source.toolkit.fluxcd.io/GitRepository", "gitrepositories"],
    ["kustomize.toolkit.fluxcd.io/Kustomization", "kustomizations"],
  ]);
  for (const manifest of kustomizations.flatMap(({ manifests }) => manifests)) {
    if (gvkOf(manifest).kind !== "CustomResourceDefinition") continue;
    const names = dig(manifest, "spec", "names");
    const kind = digString(names, "kind");
    const plural = digString(names, "plural");
    if (kind !== undefined && plural !== undefined) {
      plurals.set(`${digString(manifest, "spec", "group") ?? ""}/${kind}`, plural);
    }
  }
  return plurals;
}

/** As apimachinery's `UnsafeGuessKindToResource`. */
function guessPlural(kind: string): string {
  const name = kind.toLowerCase();
  if (name.endsWith("endpoints")) return name;
  if (name.endsWith("s")) return `${name}es`;
  return name.endsWith("y") ? `${name.slice(0, -1)}ies` : `${name}s`;
}
