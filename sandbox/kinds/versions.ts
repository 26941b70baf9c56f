// Built-in kinds that are served in two versions or groups.

import { formatApiVersion, isObject, type JsonObject } from "@plumbline/core/model";
import type { Resource } from "../api/registry.ts";

type Rename = readonly (readonly [core: string, events: string])[];

/** Fields of an Event under their names in core/v1 and in events.k8s.io/v1. */
const eventFields: Rename = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["reportingComponent", "reportingController"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
];

/** The object of a multi-version kind as the asked version has it; other kinds change their apiVersion only. */
export function convertVersion(resource: Resource, object: JsonObject): JsonObject {
  const apiVersion = formatApiVersion(resource);
  const base = { ...object, apiVersion, kind: resource.kind };
  if (resource.plural === "events") return renameEvent(base, resource.group === "" ? "core" : "events");
  if (resource.plural === "horizontalpodautoscalers")
    return resource.version === "v1" ? toAutoscalerV1(base) : toAutoscalerV2(base);
  return base;
}

function renameEvent(object: JsonObject, to: "core" | "events"): JsonObject {
  const out: JsonObject = {};
  for (const [key, value] of Object.entries(object)) {
    const pair = eventFields.find(([core, events]) => key === (to === "core" ? events : core));
    out[pair ? pair[to === "core" ? 0 : 1] : key] = value;
  }
  return out;
}

function toAutoscalerV1(object: JsonObject): JsonObject {
  const spec: JsonObject = isObject(object.spec) ? { ...object.spec } : {};
  const metrics = Array.isArray(spec.metrics) ? spec.metrics.filter(isObject) : [];
  const cpu = metrics.find((metric) => isObject(metric.resource) && metric.resource.name === "cpu");
  const target = isObject(cpu?.resource) && isObject(cpu.resource.target) ? cpu.resource.target : {};
  if (typeof target.averageUtilization === "number") spec.targetCPUUtilizationPercentage = target.averageUtilization;
  delete spec.metrics;
  delete spec.behavior;
  return { ...object, spec };
}

function toAutoscalerV2(object: JsonObject): JsonObject {
  const { targetCPUUtilizationPercentage: percent, ...spec }: JsonObject = isObject(object.spec) ? object.spec : {};
  if (typeof percent !== "number") return { ...object, spec };
  const target = { type: "Utilization", averageUtilization: percent };
  return { ...object, spec: { ...spec, metrics: [{ type: "Resource", resource: { name: "cpu", target } }] } };
}
