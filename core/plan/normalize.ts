// What is done to an object before it is sent, so that the fields we come to own are those that a reader of Git means.

import { type JsonObject, type JsonValue, type Manifest, dig, gvkOf, isObject } from "@plumbline/core/model";
import { throughGoTypes } from "./go-round-trip.ts";
import { isCrd } from "./order.ts";

/** Where the pod spec stands in the kinds that have one. */
const POD_SPECS: Record<string, string[]> = {
  "/Pod": ["spec"],
  "apps/Deployment": ["spec", "template", "spec"],
  "apps/StatefulSet": ["spec", "template", "spec"],
  "apps/DaemonSet": ["spec", "template", "spec"],
  "apps/ReplicaSet": ["spec", "template", "spec"],
  "batch/Job": ["spec", "template", "spec"],
  "batch/CronJob": ["spec", "jobTemplate", "spec", "template", "spec"],
};

/**
 * A normalised copy; parts that need no change are shared with the input. Follows what Flux does before it applies
 * (fluxcd/pkg ssa/normalize): built-in kinds go through Go's types (`throughGoTypes`), `status` goes except on CRDs,
 * `Secret.stringData` becomes `data`, ports get their default protocol because it is part of their list key.
 */
export function normalizeManifest(manifest: Manifest): Manifest {
  return normalizeNoting(manifest).manifest;
}

/** The same, with the paths of fields that the kind does not have and that are left out. */
export function normalizeNoting(manifest: Manifest): { manifest: Manifest; dropped: string[] } {
  const { manifest: converted, fits, dropped } = throughGoTypes(manifest);
  return { manifest: normalizeConverted(converted, fits), dropped };
}

function normalizeConverted(converted: Manifest, fits: boolean): Manifest {
  const gvk = gvkOf(converted);
  const result: Manifest = { ...converted };
  if (!isCrd(gvk)) delete result.status;
  if (isObject(result.metadata)) result.metadata = withoutServerFields(result.metadata);
  if (!fits) return result;
  if (gvk.kind === "Secret" && gvk.group === "") return withEncodedData(result);
  if (gvk.kind === "Service" && gvk.group === "") return edit(result, ["spec"], withDefaultProtocol);
  const podSpec = POD_SPECS[`${gvk.group}/${gvk.kind}`];
  return podSpec ? edit(result, podSpec, withContainerProtocols) : result;
}

/** Fields that only the API server writes; a manifest exported from a cluster still has them. */
function withoutServerFields(metadata: JsonObject): JsonObject {
  const { creationTimestamp: _time, managedFields: _managed, ...kept } = metadata;
  return kept;
}

function withEncodedData(secret: Manifest): Manifest {
  if (!isObject(secret.stringData)) return secret;
  const { stringData, ...rest } = secret;
  const data: JsonObject = isObject(rest.data) ? { ...rest.data } : {};
  for (const [key, value] of Object.entries(stringData)) {
    if (typeof value === "string") data[key] = new TextEncoder().encode(value).toBase64();
  }
  return { ...rest, data };
}

/** Copies the mappings on the way to `path` and replaces what stands there. */
function edit(object: JsonObject, path: string[], change: (at: JsonObject) => JsonObject): JsonObject {
  const [head, ...rest] = path;
  if (head === undefined) return change(object);
  const child = object[head];
  return isObject(child) ? { ...object, [head]: edit(child, rest, change) } : object;
}

function withContainerProtocols(spec: JsonObject): JsonObject {
  const containers = dig(spec, "containers");
  if (!Array.isArray(containers)) return spec;
  return { ...spec, containers: containers.map((each) => (isObject(each) ? withDefaultProtocol(each) : each)) };
}

function withDefaultProtocol(owner: JsonObject): JsonObject {
  if (!Array.isArray(owner.ports)) return owner;
  const ports = owner.ports.map((port): JsonValue => {
    if (!isObject(port)) return port;
    return port.protocol === undefined || port.protocol === "" ? { ...port, protocol: "TCP" } : port;
  });
  return { ...owner, ports };
}
