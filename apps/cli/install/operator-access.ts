// The operator's ServiceAccount and rights, and the rights on our kinds that people get through their usual roles.

import type { JsonObject, Manifest } from "@plumbline/core/model";
import { apiGroup } from "@plumbline/dialects/plumbline";
import { INTENTS } from "../operator/intents-name.ts";
import type { InstallOptions } from "./install-options.ts";

const rbac = "rbac.authorization.k8s.io";
const kinds = [
  { apiGroups: ["source.toolkit.fluxcd.io"], resources: ["gitrepositories"] },
  { apiGroups: ["kustomize.toolkit.fluxcd.io"], resources: ["kustomizations"] },
  { apiGroups: [apiGroup], resources: ["maintenancewindows", "clustermaintenancewindows"] },
];

/** ServiceAccount, roles and bindings. */
export function accessManifests(options: InstallOptions): Manifest[] {
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "plumbline" } },
    role("plumbline-operator", operatorRules(options.rights)),
    binding("plumbline-operator", "plumbline-operator", options.namespace),
    ...intentsAccess(options.namespace),
    ...reconcilerRights(options),
    role("plumbline-view", readRules(), { [`${rbac}/aggregate-to-view`]: "true" }),
    role("plumbline-edit", writeRules(), { [`${rbac}/aggregate-to-edit`]: "true" }),
  ];
}

/** What the objects of the repositories need. */
function reconcilerRights({ rights, namespace }: InstallOptions): Manifest[] {
  if (rights === "impersonate") return [];
  if (rights === "cluster") return [binding("plumbline-cluster-reconciler", "cluster-admin", namespace)];
  const name = "plumbline-repository-reconciler";
  return [role(name, rights.rules), binding(name, name, namespace)];
}

function role(name: string, rules: JsonObject[], aggregate: Record<string, string> = {}): Manifest {
  const labels: Record<string, string> =
    Object.keys(aggregate).length === 0
      ? {}
      : { ...aggregate, [`${rbac}/aggregate-to-admin`]: "true", ...editSeesToo(aggregate) };
  return { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name, labels }, rules };
}

/** Who may edit may view. */
function editSeesToo(aggregate: Record<string, string>): Record<string, string> {
  return Object.hasOwn(aggregate, `${rbac}/aggregate-to-view`) ? { [`${rbac}/aggregate-to-edit`]: "true" } : {};
}

function binding(name: string, roleName: string, namespace: string): Manifest {
  return {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: roleName },
    subjects: [{ kind: "ServiceAccount", name: "plumbline", namespace }],
  };
}

/** The ConfigMap in which the operator notes what it is about to create. */
function intentsAccess(namespace: string): Manifest[] {
  const name = INTENTS;
  const rules = [
    { apiGroups: [""], resources: ["configmaps"], resourceNames: [INTENTS], verbs: ["get", "patch"] },
    // Whoever may create cannot be held to a name.
    { apiGroups: [""], resources: ["configmaps"], verbs: ["create"] },
  ];
  return [
    { apiVersion: `${rbac}/v1`, kind: "Role", metadata: { name }, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", name: "plumbline", namespace }],
    },
  ];
}

/** What the operator needs for itself, whatever it applies. */
function operatorRules(rights: InstallOptions["rights"]): JsonObject[] {
  return [
    ...kinds.flatMap(({ apiGroups, resources }) => [
      { apiGroups, resources, verbs: ["get", "list", "watch", "update", "patch"] },
      { apiGroups, resources: resources.map((name) => `${name}/status`), verbs: ["get", "update", "patch"] },
      { apiGroups, resources: resources.map((name) => `${name}/finalizers`), verbs: ["update", "patch"] },
    ]),
    // Credentials and variables that the objects refer to.
    { apiGroups: [""], resources: ["secrets", "configmaps", "serviceaccounts"], verbs: ["get", "list", "watch"] },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    {
      apiGroups: ["coordination.k8s.io"],
      resources: ["leases"],
      verbs: ["get", "list", "watch", "create", "update", "patch"],
    },
    // spec.serviceAccountName: everything is then done with that account's rights.
    ...impersonateRules(rights),
    { apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], verbs: ["get", "list", "watch"] },
  ];
}

/** The API server asks for this right alone, and gives an account its own groups. */
function impersonateRules(rights: InstallOptions["rights"]): JsonObject[] {
  const rule: JsonObject = { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"] };
  if (typeof rights === "string") return [rule];
  return rights.accounts.length === 0 ? [] : [{ ...rule, resourceNames: rights.accounts }];
}

function readRules(): JsonObject[] {
  return kinds.map(({ apiGroups, resources }) => ({ apiGroups, resources, verbs: ["get", "list", "watch"] }));
}

function writeRules(): JsonObject[] {
  return kinds.map(({ apiGroups, resources }) => ({
    apiGroups,
    resources,
    verbs: ["create", "delete", "deletecollection", "patch", "update"],
  }));
}
