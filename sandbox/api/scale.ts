// The scale subresource: replicas of a workload, whatever its kind.

import { dig, digString, isObject, type JsonObject, type JsonValue, setOwn } from "@plumbline/core/model";
import { readJsonPath } from "../objects/json-path.ts";
import { mergePatch } from "../objects/merge-patch.ts";
import { writeOptions } from "./options.ts";
import { patchTypes, type PatchBody } from "./patch.ts";
import { badRequest, unsupportedPatch } from "./refusal.ts";
import { existingState } from "./storage.ts";
import type { Answer, ResourceCall, World } from "./world.ts";
import { metadataOf, updateObject } from "./write.ts";

interface ScalePaths {
  readonly spec: string;
  readonly status: string;
  readonly selector: string | undefined;
}

function pathsOf(call: ResourceCall): ScalePaths {
  const custom = dig(call.resource.custom?.entry, "subresources", "scale");
  if (!custom) return { spec: ".spec.replicas", status: ".status.replicas", selector: undefined };
  return {
    spec: digString(custom, "specReplicasPath") ?? ".spec.replicas",
    status: digString(custom, "statusReplicasPath") ?? ".status.replicas",
    selector: digString(custom, "labelSelectorPath"),
  };
}

function scaleOf(call: ResourceCall, object: JsonObject): JsonObject {
  const paths = pathsOf(call);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadataOf(object);
  const labels = dig(object, "spec", "selector", "matchLabels");
  const own = paths.selector === undefined ? undefined : readJsonPath(object, paths.selector);
  const selector = isObject(labels)
    ? Object.entries(labels)
        .map(([key, value]) => `${key}=${String(value as string)}`)
        .join(",")
    : own;
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: {
      name: name ?? "",
      namespace: namespace ?? "",
      uid: uid ?? "",
      resourceVersion: resourceVersion ?? "",
      creationTimestamp: creationTimestamp ?? null,
    },
    spec: replicasPart(readJsonPath(object, paths.spec)),
    status: {
      replicas: readJsonPath(object, paths.status) ?? 0,
      ...(typeof selector === "string" ? { selector } : {}),
    },
  };
}

/** Go leaves a zero out. */
function replicasPart(value: JsonValue | undefined): JsonObject {
  return typeof value === "number" && value !== 0 ? { replicas: value } : {};
}

export function getScale(world: World, call: ResourceCall): Answer {
  return { code: 200, body: scaleOf(call, existingState(world, call).object) };
}

export function putScale(world: World, call: ResourceCall, body: JsonObject): Answer {
  const current = existingState(world, call);
  const replicas = dig(body, "spec", "replicas") ?? 0;
  if (typeof replicas !== "number")
    throw badRequest('Scale in version "v1" cannot be handled as a Scale: spec.replicas is no number');
  const options = writeOptions(call, "UpdateOptions");
  const version = digString(body, "metadata", "resourceVersion");
  const next = withReplicas(current.object, pathsOf(call).spec, replicas);
  const checked: JsonObject =
    version === undefined ? next : { ...next, metadata: { ...metadataOf(next), resourceVersion: version } };
  const stored = updateObject({ world, call, dryRun: options.dryRun }, current, {
    next: checked,
    manager: options.fieldManager,
  });
  return { code: 200, body: scaleOf(call, stored) };
}

export function patchScale(world: World, call: ResourceCall, { type, value }: PatchBody): Answer {
  const scale = scaleOf(call, existingState(world, call).object);
  if (type !== patchTypes.merge && type !== patchTypes.strategic) throw unsupportedPatch();
  const patched = mergePatch(scale, value);
  if (!isObject(patched)) throw badRequest("the patch leaves no object");
  return putScale(world, call, patched);
}

function withReplicas(object: JsonObject, path: string, replicas: number): JsonObject {
  const keys = path.split(".").filter((key) => key !== "");
  return setDeep(object, keys, replicas);
}

function setDeep(object: JsonObject, [key = "", ...rest]: string[], value: JsonValue): JsonObject {
  const out = { ...object };
  const below = out[key];
  setOwn(out, key, rest.length === 0 ? value : setDeep(isObject(below) ? below : {}, rest, value));
  return out;
}
