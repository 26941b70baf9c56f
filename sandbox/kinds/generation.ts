// Which kinds count generations, and when a new one begins.
// Facts: k8s.io/kubernetes pkg/registry/*/*/strategy.go (v1.36).

import { dig, equalJson, type JsonObject } from "@plumbline/core/model";
import type { Resource } from "../api/registry.ts";
import { differsInSpec } from "../objects/custom.ts";

const counted = new Set([
  "/pods",
  "/podtemplates",
  "/replicationcontrollers",
  "admissionregistration.k8s.io/mutatingadmissionpolicies",
  "admissionregistration.k8s.io/mutatingadmissionpolicybindings",
  "admissionregistration.k8s.io/mutatingwebhookconfigurations",
  "admissionregistration.k8s.io/validatingadmissionpolicies",
  "admissionregistration.k8s.io/validatingadmissionpolicybindings",
  "admissionregistration.k8s.io/validatingwebhookconfigurations",
  "apiextensions.k8s.io/customresourcedefinitions",
  "apps/daemonsets",
  "apps/deployments",
  "apps/replicasets",
  "apps/statefulsets",
  "batch/cronjobs",
  "batch/jobs",
  "discovery.k8s.io/endpointslices",
  "flowcontrol.apiserver.k8s.io/flowschemas",
  "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations",
  "networking.k8s.io/ingressclasses",
  "networking.k8s.io/ingresses",
  "networking.k8s.io/networkpolicies",
  "policy/poddisruptionbudgets",
  "resource.k8s.io/deviceclasses",
  "resource.k8s.io/devicetaintrules",
  "resource.k8s.io/resourceslices",
  "scheduling.k8s.io/priorityclasses",
]);

export function countsGenerations(resource: Resource): boolean {
  return resource.custom !== undefined || counted.has(resource.id);
}

/** Whether an update of the object itself (not of its status) makes a new generation. */
export function isNewGeneration(resource: Resource, previous: JsonObject, next: JsonObject): boolean {
  if (!countsGenerations(resource) || resource.id === "scheduling.k8s.io/priorityclasses") return false;
  if (differsInSpec(previous, next, resource.hasStatus)) return true;
  if (resource.id !== "apps/deployments") return false;
  return !equalJson(dig(previous, "metadata", "annotations"), dig(next, "metadata", "annotations"));
}
