// In which order kinds are written and deleted; the order that Flux and kustomize users know.

import type { GroupKind, Gvk, ObjectRef, Stage } from "@plumbline/core/model";

/** Written first, in this order (source: fluxcd/pkg ssa ReconcileOrder). */
const FIRST = [
  "CustomResourceDefinition",
  "Namespace",
  "ClusterRole",
  "ClusterClass",
  "RuntimeClass",
  "PriorityClass",
  "StorageClass",
  "VolumeSnapshotClass",
  "IngressClass",
  "GatewayClass",
  "ClusterRoleBinding",
  "ResourceQuota",
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "ConfigMap",
  "Secret",
  "Service",
  "LimitRange",
  "Deployment",
  "StatefulSet",
  "CronJob",
  "PodDisruptionBudget",
];

/** Written last: a webhook that intercepts its own server's objects would block them. */
const LAST = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

const rank = new Map<string, number>([
  ...FIRST.map((kind, i): [string, number] => [kind, i - FIRST.length]),
  ...LAST.map((kind, i): [string, number] => [kind, i + 1]),
]);

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Negative when `a` is written before `b`. Deletions go the other way round. */
export function compareRefs(a: ObjectRef, b: ObjectRef): number {
  return (
    (rank.get(a.kind) ?? 0) - (rank.get(b.kind) ?? 0) ||
    compareText(a.group, b.group) ||
    compareText(a.kind, b.kind) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  );
}

export function isCrd(gvk: GroupKind): boolean {
  return gvk.kind === "CustomResourceDefinition" && gvk.group === "apiextensions.k8s.io";
}

export function isNamespace(gvk: GroupKind): boolean {
  return gvk.kind === "Namespace" && gvk.group === "";
}

/** The stage an object belongs to; `customKinds` has `group/Kind` keys (`--custom-apply-stage-kinds`). */
export function stageOf(gvk: Gvk, customKinds: ReadonlySet<string>): Stage["name"] {
  const isClusterRole = gvk.kind === "ClusterRole" && gvk.group === "rbac.authorization.k8s.io";
  if (isCrd(gvk) || isNamespace(gvk) || isClusterRole) return "definitions";
  if (gvk.kind.endsWith("Class")) return "classes";
  return customKinds.has(`${gvk.group}/${gvk.kind}`) ? "custom" : "objects";
}
