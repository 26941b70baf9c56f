// The order of kinds that kustomize sorts field specs and output by.

import { compareUtf8 } from "@plumbline/core/yaml";
import type { KindSelector } from "./gvk.ts";

export const ORDER_FIRST = [
  "Namespace",
  "ResourceQuota",
  "StorageClass",
  "CustomResourceDefinition",
  "ServiceAccount",
  "PodSecurityPolicy",
  "Role",
  "ClusterRole",
  "RoleBinding",
  "ClusterRoleBinding",
  "ConfigMap",
  "Secret",
  "Endpoints",
  "Service",
  "LimitRange",
  "PriorityClass",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "Deployment",
  "StatefulSet",
  "CronJob",
  "PodDisruptionBudget",
] as const;

export const ORDER_LAST = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"] as const;

/** Kinds named first get negative ranks, kinds named last positive ones, all others 0. */
export function rankKinds(first: readonly string[], last: readonly string[]): Map<string, number> {
  const ranks = new Map<string, number>();
  first.forEach((kind, i) => ranks.set(kind, i - first.length));
  last.forEach((kind, i) => ranks.set(kind, i + 1));
  return ranks;
}

const defaultRanks = rankKinds(ORDER_FIRST, ORDER_LAST);

/** `group_version_kind` with place holders that sort after letters. */
export function gvkSortText(gvk: KindSelector): string {
  return `${gvk.group || "~G"}_${gvk.version || "~V"}_${gvk.kind || "~K"}`;
}

export function compareGvk(a: KindSelector, b: KindSelector): number {
  const rank = (defaultRanks.get(a.kind) ?? 0) - (defaultRanks.get(b.kind) ?? 0);
  return rank === 0 ? compareUtf8(gvkSortText(a), gvkSortText(b)) : rank;
}
