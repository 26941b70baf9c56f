// What an API server adds inside values that are owned as a whole, so that a live one can be compared with what was sent.
// Facts: k8s.io/kubernetes pkg/apis/*/v1/defaults.go (v1.36).

import { isObject, type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";
import { itemType, type TypeNode } from "@plumbline/core/schema";

const rbacGroup = "rbac.authorization.k8s.io";
const rule: JsonObject = { scope: "*" };
const deviceRequest: JsonObject = { allocationMode: "ExactCount", count: 1 };

type Defaults = JsonObject | ((object: JsonObject) => JsonObject);

const byType = new Map<string, Defaults>([
  ["core.v1.ObjectFieldSelector", { apiVersion: "v1" }],
  ["core.v1.ResourceFieldSelector", { divisor: "0" }],
  ["core.v1.ServiceAccountTokenProjection", { expirationSeconds: 3600 }],
  ["core.v1.PodCertificateProjection", { maxExpirationSeconds: 86_400 }],
  ["core.v1.ServicePort", ({ port }) => (port === undefined ? {} : { targetPort: port })],
  ["core.v1.PersistentVolumeClaim", { apiVersion: "v1", kind: "PersistentVolumeClaim" }],
  ["core.v1.PersistentVolumeClaimSpec", { volumeMode: "Filesystem" }],
  ["core.v1.PersistentVolumeClaimStatus", { phase: "Pending" }],
  ["core.v1.LimitRangeItem", limitRangeItem],
  ["core.v1.EndpointPort", { protocol: "TCP" }],
  ["discovery.v1.EndpointPort", { name: "", protocol: "TCP" }],
  ["networking.v1.NetworkPolicyPort", { protocol: "TCP" }],
  ["rbac.v1.RoleRef", { apiGroup: rbacGroup }],
  ["rbac.v1.Subject", ({ kind }) => (kind === "User" || kind === "Group" ? { apiGroup: rbacGroup } : {})],
  ["admissionregistration.v1.RuleWithOperations", rule],
  ["admissionregistration.v1.NamedRuleWithOperations", rule],
  ["admissionregistration.v1.MatchResources", { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {} }],
  ["batch.v1.PodFailurePolicyOnPodConditionsPattern", { status: "True" }],
  ["resource.v1.DeviceToleration", { operator: "Equal" }],
  ["resource.v1.ExactDeviceRequest", deviceRequest],
  ["resource.v1.DeviceSubRequest", deviceRequest],
]);

/** `default` comes from `max`, `defaultRequest` from `default` and `min`, of containers only. */
function limitRangeItem(item: JsonObject): JsonObject {
  if (item.type !== "Container") return {};
  const parts = [item.max, item.default].map((part) => (isObject(part) ? part : {}));
  const limits = Object.assign({}, ...parts) as JsonObject; // objects of quantities only
  const [min, requests] = [item.min, item.defaultRequest].map((part) => (isObject(part) ? part : {}));
  return { default: limits, defaultRequest: { ...min, ...limits, ...requests } };
}

/** The value with the defaults that its type gives to absent and zero fields, at this level alone. */
export function withFieldDefaults(type: TypeNode | undefined, object: JsonObject): JsonObject {
  const known = type && byType.get(type.name);
  if (!known) return object;
  const result: JsonObject = { ...object };
  const computed = typeof known === "function";
  for (const [key, value] of Object.entries(computed ? known(object) : known)) {
    const present = own(object, key);
    if (isZero(present) || (computed && isObject(present))) result[key] = value;
  }
  return result;
}

function isZero(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === "" || value === 0;
}

/** The whole value with defaults at every level, nulls left out: as a server stores what was sent. */
export function asStored(type: TypeNode | undefined, value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const items = type && itemType(type);
    return value.map((item) => asStored(items, item));
  }
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, child] of Object.entries(withFieldDefaults(type, value))) {
    if (child !== null) setOwn(result, key, asStored(childType(type, key), child));
  }
  return result;
}

/** The type below a key of a struct or map; undefined where nothing is known. */
export function childType(type: TypeNode | undefined, key: string): TypeNode | undefined {
  return type?.fields?.get(key)?.type ?? type?.extra;
}
