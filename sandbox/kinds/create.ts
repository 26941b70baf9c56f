// What a server does to a new object of a kind before it stores it.
// Facts: k8s.io/kubernetes pkg/registry/*/*/strategy.go PrepareForCreate, and the default admission plugins.

import { digString, equalJson, isObject, type JsonObject } from "@plumbline/core/model";
import type { Resource } from "../api/registry.ts";
import type { World } from "../api/world.ts";
import { preparePod } from "./pod.ts";
import { allocateService } from "./service.ts";

type Preparer = (object: JsonObject, world: World) => void;

function metadataOf(object: JsonObject): JsonObject {
  const metadata = isObject(object.metadata) ? { ...object.metadata } : {};
  object.metadata = metadata;
  return metadata;
}

function addFinalizer(object: JsonObject, name: string): void {
  const metadata = metadataOf(object);
  const present = Array.isArray(metadata.finalizers) ? metadata.finalizers : [];
  if (!present.includes(name)) metadata.finalizers = [...present, name];
}

function prepareNamespace(object: JsonObject): void {
  object.spec = { finalizers: ["kubernetes"] };
}

function prepareDaemonSet(object: JsonObject): void {
  const metadata = metadataOf(object);
  const annotations = isObject(metadata.annotations) ? metadata.annotations : {};
  metadata.annotations = { ...annotations, "deprecated.daemonset.template.generation": "1" };
}

function prepareJob(object: JsonObject): void {
  const spec = isObject(object.spec) ? { ...object.spec } : {};
  object.spec = spec;
  if (spec.manualSelector === true) return;
  const uid = digString(object, "metadata", "uid") ?? "";
  const name = digString(object, "metadata", "name") ?? "";
  const template = isObject(spec.template) ? { ...spec.template } : {};
  const metadata = isObject(template.metadata) ? { ...template.metadata } : {};
  const labels = isObject(metadata.labels) ? metadata.labels : {};
  metadata.labels = {
    ...labels,
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
  const own = metadataOf(object);
  // The server's defaulting shares one map between the two when the Job had no labels of its own.
  if (equalJson(own.labels ?? {}, labels) && Object.keys(labels).length > 0) own.labels = metadata.labels;
  spec.template = { ...template, metadata };
  spec.selector = { matchLabels: { "batch.kubernetes.io/controller-uid": uid } };
}

const preparers: Readonly<Record<string, Preparer>> = {
  "/namespaces": prepareNamespace,
  "/pods": preparePod,
  "/services": allocateService,
  "/persistentvolumeclaims": (object) => addFinalizer(object, "kubernetes.io/pvc-protection"),
  "/persistentvolumes": (object) => addFinalizer(object, "kubernetes.io/pv-protection"),
  "apps/daemonsets": prepareDaemonSet,
  "batch/jobs": prepareJob,
};

/** Changes the top level of `object` (a copy of what was sent, with system fields set). */
export function prepareCreate(resource: Resource, object: JsonObject, world: World): void {
  preparers[resource.id]?.(object, world);
}
