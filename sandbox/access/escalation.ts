// Nobody grants rights that they do not have, unless they may escalate or bind.
// Facts: k8s.io/kubernetes pkg/registry/rbac/{role,rolebinding}/policybased, pkg/registry/rbac/validation.

import { digString, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { forbidden, type Target } from "../api/refusal.ts";
import type { ResourceCall, User, World } from "../api/world.ts";
import { type Access, grantedRulesOf, isAllowed, mastersGroup, referencedRules, ruleCovers } from "./rbac.ts";

const rbac = "rbac.authorization.k8s.io";

/** One right: as narrow as a rule can be. */
interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name: string;
  readonly path: string;
}

/** Throws 403 when the object of an RBAC kind grants what the user of the call does not hold. */
export function refuseEscalation(world: World, call: ResourceCall, object: JsonObject): void {
  const { resource, user } = call;
  if (resource.group !== rbac || call.subresource !== "" || user.groups.includes(mastersGroup)) return;
  const name = digString(object, "metadata", "name") ?? "";
  const isBinding = resource.plural.endsWith("bindings");
  if (isBinding ? mayBind(world, call, object) : mayEscalate(world, call, name)) return;
  const granted = isBinding ? referencedRules(world.store, object, call.namespace) : ownRules(object);
  const held = grantedRulesOf(world.store, user, call.namespace);
  const missing = granted.flatMap(rightsOf).filter((right) => !held.some((rule) => ruleCovers(rule, right)));
  if (missing.length > 0) throw refusal(resource, name, { user, missing });
}

function ownRules(role: JsonObject): JsonObject[] {
  return Array.isArray(role.rules) ? role.rules.filter(isObject) : [];
}

function mayEscalate({ store }: World, { resource, namespace, user }: ResourceCall, name: string): boolean {
  const access: Access = {
    verb: "escalate",
    group: rbac,
    resource: resource.plural,
    subresource: "",
    namespace,
    name,
    path: "",
  };
  return isAllowed(store, user, access);
}

function mayBind({ store }: World, { namespace, user }: ResourceCall, binding: JsonObject): boolean {
  const resource = digString(binding, "roleRef", "kind") === "Role" ? "roles" : "clusterroles";
  const name = digString(binding, "roleRef", "name") ?? "";
  return isAllowed(store, user, { verb: "bind", group: rbac, resource, subresource: "", namespace, name, path: "" });
}

function texts(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function rightsOf(rule: JsonObject): Right[] {
  const names = texts(rule.resourceNames);
  const rights: Right[] = [];
  for (const verb of texts(rule.verbs)) {
    for (const path of texts(rule.nonResourceURLs)) rights.push({ verb, group: "", resource: "", name: "", path });
    for (const group of texts(rule.apiGroups)) {
      for (const resource of texts(rule.resources)) {
        for (const name of names.length === 0 ? [""] : names) rights.push({ verb, group, resource, name, path: "" });
      }
    }
  }
  return rights;
}

function refusal(target: Target, name: string, { user, missing }: { user: User; missing: Right[] }): Error {
  const groups = user.groups.map((group) => JSON.stringify(group)).join(" ");
  const lines = compact(missing).sort();
  const why = `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${lines.join("\n")}`;
  return forbidden(target, name, why);
}

/** Rights on the same thing as one line, as the server lists them. */
function compact(missing: readonly Right[]): string[] {
  const byThing = new Map<string, string[]>();
  for (const { verb, group, resource, name, path } of missing) {
    const named = name === "" ? "" : `, ResourceNames:${list([name])}`;
    const thing =
      path === ""
        ? `APIGroups:${list([group])}, Resources:${list([resource])}${named}`
        : `NonResourceURLs:${list([path])}`;
    byThing.set(thing, [...(byThing.get(thing) ?? []), verb]);
  }
  return [...byThing].map(([thing, verbs]) => `{${thing}, Verbs:${list(verbs)}}`);
}

function list(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(" ")}]`;
}
