// Who may do what: Role, ClusterRole and their bindings, as Kubernetes' RBAC authorizer reads them.
// Facts: k8s.io/kubernetes plugin/pkg/auth/authorizer/rbac.

import { dig, digString, isObject, type JsonObject, type JsonValue, metadataMap } from "@plumbline/core/model";
import type { User } from "../api/world.ts";
import { matchesSelectorObject } from "../store/selectors.ts";
import type { Store } from "../store/store.ts";

/** What is asked for: a resource, or a path when `path` is not empty. */
export interface Access {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
}

const rbac = "rbac.authorization.k8s.io";
/** Members may do everything. */
export const mastersGroup = "system:masters";

export function isAllowed(store: Store, user: User, access: Access): boolean {
  if (user.groups.includes(mastersGroup)) return true;
  for (const rules of grantedRules(store, user, access.namespace)) {
    if (rules.some((rule) => ruleAllows(rule, access))) return true;
  }
  return false;
}

/** The rules of every binding that names the user, cluster-wide and in the namespace. */
function* grantedRules(store: Store, user: User, namespace: string): Generator<JsonObject[]> {
  for (const { object } of store.list(`${rbac}/clusterrolebindings`)) {
    if (bindsUser(object, user, "")) yield rulesOf(store, object, "");
  }
  if (namespace === "") return;
  for (const state of store.list(`${rbac}/rolebindings`, namespace)) {
    if (bindsUser(state.object, user, namespace)) yield rulesOf(store, state.object, namespace);
  }
}

function bindsUser(binding: JsonObject, user: User, namespace: string): boolean {
  const subjects = binding.subjects;
  if (!Array.isArray(subjects)) return false;
  return subjects.some((subject) => {
    const name = digString(subject, "name") ?? "";
    switch (digString(subject, "kind")) {
      case "User":
        return user.name === name;
      case "Group":
        return user.groups.includes(name);
      case "ServiceAccount":
        return user.name === `system:serviceaccount:${digString(subject, "namespace") || namespace}:${name}`;
      default:
        return false;
    }
  });
}

function rulesOf(store: Store, binding: JsonObject, namespace: string): JsonObject[] {
  const name = digString(binding, "roleRef", "name") ?? "";
  if (digString(binding, "roleRef", "kind") === "Role") {
    return ruleList(store.get(`${rbac}/roles`, `${namespace}/${name}`)?.object);
  }
  return clusterRoleRules(store, store.get(`${rbac}/clusterroles`, name)?.object);
}

/** An aggregated ClusterRole has the rules of all roles that its selectors choose. */
function clusterRoleRules(store: Store, role: JsonObject | undefined): JsonObject[] {
  const selectors = dig(role, "aggregationRule", "clusterRoleSelectors");
  const own = ruleList(role);
  if (!Array.isArray(selectors)) return own;
  const chosen = store.list(`${rbac}/clusterroles`).filter(({ object }) => {
    const labels = metadataMap(object, "labels");
    return selectors.some((selector) => isObject(selector) && matchesSelectorObject(selector, labels));
  });
  return [...own, ...chosen.flatMap(({ object }) => ruleList(object))];
}

/** Every rule that holds for the user, cluster-wide and in the namespace. */
export function grantedRulesOf(store: Store, user: User, namespace: string): JsonObject[] {
  return [...grantedRules(store, user, namespace)].flat();
}

/** The rules of the role that a binding names. */
export function referencedRules(store: Store, binding: JsonObject, namespace: string): JsonObject[] {
  return rulesOf(store, binding, namespace);
}

/** Whether a rule gives a right; a right to `*` is only given by `*`. */
export function ruleCovers(
  rule: JsonObject,
  right: Pick<Access, "verb" | "group" | "resource" | "name" | "path">,
): boolean {
  const [resource = "", ...sub] = right.resource.split("/");
  const access: Access = { ...right, resource, subresource: sub.join("/"), namespace: "" };
  return ruleAllows(rule, access);
}

function ruleList(role: JsonObject | undefined): JsonObject[] {
  const rules = role?.rules;
  return Array.isArray(rules) ? rules.filter(isObject) : [];
}

function has(list: JsonValue | undefined, value: string): boolean {
  return Array.isArray(list) && (list.includes("*") || list.includes(value));
}

function ruleAllows(rule: JsonObject, access: Access): boolean {
  if (!has(rule.verbs, access.verb)) return false;
  if (access.path !== "") return pathAllowed(rule.nonResourceURLs, access.path);
  if (!has(rule.apiGroups, access.group)) return false;
  if (!resourceAllowed(rule.resources, access)) return false;
  const names = rule.resourceNames;
  return !Array.isArray(names) || names.length === 0 || (access.name !== "" && names.includes(access.name));
}

function resourceAllowed(resources: JsonValue | undefined, { resource, subresource }: Access): boolean {
  const wanted = subresource === "" ? resource : `${resource}/${subresource}`;
  if (has(resources, wanted)) return true;
  return subresource !== "" && Array.isArray(resources) && resources.includes(`*/${subresource}`);
}

function pathAllowed(urls: JsonValue | undefined, path: string): boolean {
  if (!Array.isArray(urls)) return false;
  return urls.some(
    (url) =>
      typeof url === "string" &&
      (url === "*" || url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1)))),
  );
}

/** The sentence of a 403. */
export function denial(user: User, access: Access): string {
  const who = `User ${JSON.stringify(user.name)} cannot ${access.verb}`;
  if (access.path !== "") return `${who} path ${JSON.stringify(access.path)}`;
  const resource = access.subresource === "" ? access.resource : `${access.resource}/${access.subresource}`;
  const scope =
    access.namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(access.namespace)}`;
  return `${who} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(access.group)} ${scope}`;
}
