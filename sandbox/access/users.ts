// Who asks: bearer tokens and impersonation.
// Facts: k8s.io/apiserver pkg/endpoints/filters/impersonation.go, pkg/authentication/serviceaccount.

import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "../api/refusal.ts";
import type { User } from "../api/world.ts";
import { mastersGroup } from "./rbac.ts";

/** Who comes without credentials: over a loopback port without TLS everybody is the administrator. */
export const administrator: User = { name: "system:admin", groups: [mastersGroup, "system:authenticated"] };

const accountPrefix = "system:serviceaccount:";

export function serviceAccountUser(namespace: string, name: string): User {
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { name: `${accountPrefix}${namespace}:${name}`, groups };
}

/** The user of a bearer token; 401 for a token nobody knows. */
export function authenticate(headers: IncomingHttpHeaders, tokens: ReadonlyMap<string, User>): User {
  const { authorization } = headers;
  if (authorization === undefined) return administrator;
  const token = /^Bearer (.+)$/i.exec(authorization)?.[1] ?? "";
  const user = tokens.get(token);
  if (!user) throw new Refusal({ code: 401, reason: "Unauthorized", message: "Unauthorized" });
  return user;
}

/** What the impersonation headers ask for; undefined without any. */
export interface Impersonation {
  readonly user: User;
  /** What the real user must be allowed to impersonate: resource, namespace and name. */
  readonly checks: readonly { resource: string; namespace: string; name: string }[];
}

function list(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  return Array.isArray(header) ? header : [header];
}

export function impersonation(headers: IncomingHttpHeaders): Impersonation | undefined {
  const [name] = list(headers["impersonate-user"]);
  const groups = list(headers["impersonate-group"]).flatMap((value) => value.split(",").map((group) => group.trim()));
  if (name === undefined || name === "") {
    if (groups.length === 0) return undefined;
    throw new Refusal({
      code: 500,
      reason: "InternalError",
      message: "Internal error occurred: requested group impersonation without impersonating a user",
    });
  }
  const groupChecks = groups.map((group) => ({ resource: "groups", namespace: "", name: group }));
  if (!name.startsWith(accountPrefix)) {
    const user = { name, groups: [...new Set([...groups, "system:authenticated"])] };
    return { user, checks: [{ resource: "users", namespace: "", name }, ...groupChecks] };
  }
  const [namespace = "", account = ""] = name.slice(accountPrefix.length).split(":");
  const derived = serviceAccountUser(namespace, account);
  const user = groups.length === 0 ? derived : { name, groups: [...new Set([...groups, "system:authenticated"])] };
  return { user, checks: [{ resource: "serviceaccounts", namespace, name: account }, ...groupChecks] };
}
