// Checks of built-in objects: what a server refuses with 422. A part of Kubernetes' own checks; see the README.
// Facts: k8s.io/kubernetes pkg/apis/*/validation (v1.36).

import { dig, digString, equalJson, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { type Cause, invalidValue, requiredValue, unsupportedValue } from "../api/refusal.ts";
import type { Resource } from "../api/registry.ts";
import { checkRules } from "../objects/rules.ts";
import { matchesSelectorObject } from "../store/selectors.ts";
import { checkDnsLabel, checkDnsSubdomain, checkLabels, checkLabelKey, show } from "./names.ts";
import { checkPodTemplate } from "./validate-pod.ts";

type Check = (object: JsonObject, previous: JsonObject | undefined) => Cause[];

const immutable = "field is immutable";

function unchanged(object: JsonObject, previous: JsonObject | undefined, ...path: string[]): Cause[] {
  if (!previous) return [];
  const [now, before] = [dig(object, ...path), dig(previous, ...path)];
  return equalJson(now, before) ? [] : [invalidValue(path.join("."), show(now), immutable)];
}

function labelsOf(value: JsonValue | undefined): Record<string, string> {
  const labels = dig(value, "metadata", "labels");
  if (!isObject(labels)) return {};
  return Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** spec.selector and spec.template of a workload. */
const checkWorkload: Check = (object) => {
  const selector = dig(object, "spec", "selector");
  const template = dig(object, "spec", "template") ?? {};
  const causes: Cause[] = [];
  const labels = labelsOf(template);
  const why = "`selector` does not match template `labels`";
  const mismatch = invalidValue(
    "spec.template.metadata.labels",
    Object.keys(labels).length === 0 ? "null" : show(labels),
    why,
  );
  if (!isObject(selector)) causes.push(requiredValue("spec.selector"), mismatch);
  else if (Object.keys(selector).length === 0) {
    causes.push(invalidValue("spec.selector", "{}", "empty selector is invalid for deployment"));
  } else if (!matchesSelectorObject(selector, labels)) causes.push(mismatch);
  return [...causes, ...checkPodTemplate(template, "spec.template", ["Always"])];
};

const checkDeployment: Check = (object, previous) => [
  ...checkReplicas(object),
  ...checkWorkload(object, previous),
  ...unchanged(object, previous, "spec", "selector"),
];

const checkReplicas = (object: JsonObject): Cause[] => {
  const replicas = dig(object, "spec", "replicas");
  if (typeof replicas !== "number" || replicas >= 0) return [];
  return [invalidValue("spec.replicas", show(replicas), "must be greater than or equal to 0")];
};

const statefulSetMutable = new Set([
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
]);

const checkStatefulSet: Check = (object, previous) => {
  const causes = [...checkReplicas(object), ...checkWorkload(object, previous)];
  if (!previous) return causes;
  const rest = (value: JsonValue | undefined): JsonObject =>
    Object.fromEntries(Object.entries(isObject(value) ? value : {}).filter(([key]) => !statefulSetMutable.has(key)));
  if (equalJson(rest(object.spec), rest(previous.spec))) return causes;
  const list =
    "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'";
  const message = `Forbidden: updates to statefulset spec for fields other than ${list} are forbidden`;
  return [...causes, { reason: "FieldValueForbidden", message, field: "spec" }];
};

const checkJob: Check = (object, previous) => {
  const template = dig(object, "spec", "template") ?? {};
  const causes = checkPodTemplate(template, "spec.template", ["OnFailure", "Never"]);
  const fixed = ["completions", "selector", "completionMode"].flatMap((key) =>
    unchanged(object, previous, "spec", key),
  );
  const isSuspended = dig(previous, "spec", "suspend") === true;
  return [...causes, ...fixed, ...(isSuspended ? [] : unchanged(object, previous, "spec", "template"))];
};

const checkCronJob: Check = (object) => {
  const schedule = digString(object, "spec", "schedule") ?? "";
  const causes: Cause[] = schedule === "" ? [requiredValue("spec.schedule")] : [];
  const template = dig(object, "spec", "jobTemplate", "spec", "template") ?? {};
  return [...causes, ...checkPodTemplate(template, "spec.jobTemplate.spec.template", ["OnFailure", "Never"])];
};

const checkService: Check = (object, previous) => {
  const spec = isObject(object.spec) ? object.spec : {};
  const ports = Array.isArray(spec.ports) ? spec.ports : [];
  const causes: Cause[] = [];
  const isHeadless = spec.clusterIP === "None";
  if (ports.length === 0 && !isHeadless && spec.type !== "ExternalName") causes.push(requiredValue("spec.ports"));
  for (const [i, port] of ports.entries()) causes.push(...checkServicePort(port, `spec.ports[${i}]`, ports.length > 1));
  const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
  const type = digString(spec, "type") ?? "";
  if (!types.includes(type)) causes.push(unsupportedValue("spec.type", show(type), types));
  if (
    type !== "ExternalName" &&
    dig(previous, "spec", "clusterIP") !== "" &&
    previous &&
    digString(previous, "spec", "type") !== "ExternalName"
  ) {
    const before = digString(previous, "spec", "clusterIP");
    if (before !== undefined && before !== spec.clusterIP) {
      causes.push(invalidValue("spec.clusterIPs[0]", show(spec.clusterIPs), "may not change once set"));
    }
  }
  return causes;
};

const maxPort = 65_535;

function checkServicePort(port: JsonValue, at: string, isNameRequired: boolean): Cause[] {
  const causes: Cause[] = [];
  const name = digString(port, "name") ?? "";
  if (name === "" && isNameRequired) causes.push(requiredValue(`${at}.name`));
  if (name !== "") causes.push(...checkDnsLabel(name, `${at}.name`));
  const number = dig(port, "port");
  if (typeof number !== "number" || number < 1 || number > maxPort) {
    causes.push(invalidValue(`${at}.port`, show(number), "must be between 1 and 65535, inclusive"));
  }
  const target = dig(port, "targetPort");
  if (typeof target === "number" && (target < 1 || target > maxPort)) {
    causes.push(invalidValue(`${at}.targetPort`, show(target), "must be between 1 and 65535, inclusive"));
  }
  const protocols = ["SCTP", "TCP", "UDP"];
  const protocol = digString(port, "protocol") ?? "";
  if (!protocols.includes(protocol)) causes.push(unsupportedValue(`${at}.protocol`, show(protocol), protocols));
  return causes;
}

const checkConfigMap: Check = (object, previous) => {
  const causes = ["data", "binaryData"].flatMap((part) => checkDataKeys(object[part], part));
  if (previous?.immutable !== true) return causes;
  return [...causes, ...frozen(object, previous, ["data", "binaryData"])];
};

const checkSecret: Check = (object, previous) => {
  const causes = checkDataKeys(object.data, "data");
  causes.push(...checkSecretType(object));
  if (previous && !equalJson(object.type, previous.type)) {
    causes.push(invalidValue("type", show(object.type), immutable));
  }
  return previous?.immutable === true ? [...causes, ...frozen(object, previous, ["data"])] : causes;
};

const secretKeys: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};

function checkSecretType(object: JsonObject): Cause[] {
  const wanted = secretKeys[digString(object, "type") ?? ""] ?? [];
  const data = isObject(object.data) ? object.data : {};
  return wanted.filter((key) => !Object.hasOwn(data, key)).map((key) => requiredValue(`data[${key}]`));
}

/** What an immutable ConfigMap or Secret refuses. */
function frozen(object: JsonObject, previous: JsonObject, parts: string[]): Cause[] {
  const message = "Forbidden: field is immutable when `immutable` is set";
  const changed = parts.filter((part) => !equalJson(object[part], previous[part]));
  if (object.immutable !== true) changed.unshift("immutable");
  return changed.map((field) => ({ reason: "FieldValueForbidden", message, field }));
}

function checkDataKeys(data: JsonValue | undefined, part: string): Cause[] {
  if (!isObject(data)) return [];
  const pattern = /^[-._a-zA-Z0-9]+$/;
  const why =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
  return Object.keys(data)
    .filter((key) => !pattern.test(key))
    .map((key) => invalidValue(`${part}[${key}]`, JSON.stringify(key), why));
}

/** Messages show Go's internal type, whose fields have no JSON names. */
function internalNames(reference: JsonValue | undefined): JsonObject {
  const text = (key: string): string => digString(reference, key) ?? "";
  return { APIGroup: text("apiGroup"), Kind: text("kind"), Name: text("name") };
}

const checkRoleBinding: Check = (object, previous) => {
  if (previous && !equalJson(object.roleRef, previous.roleRef)) {
    return [invalidValue("roleRef", show(internalNames(object.roleRef)), "cannot change roleRef")];
  }
  const causes: Cause[] = [];
  if (!digString(object, "roleRef", "name")) causes.push(requiredValue("roleRef.name"));
  return causes;
};

const checkClaim: Check = (object, previous) => {
  const causes: Cause[] = [];
  if (!Array.isArray(dig(object, "spec", "accessModes"))) {
    causes.push(requiredValue("spec.accessModes", "at least 1 access mode is required"));
  }
  if (dig(object, "spec", "resources", "requests", "storage") === undefined) {
    causes.push(requiredValue("spec.resources[storage]"));
  }
  return [...causes, ...["accessModes", "storageClassName"].flatMap((key) => unchanged(object, previous, "spec", key))];
};

const checkIngress: Check = (object) => {
  const rules = dig(object, "spec", "rules");
  const hasBackend = isObject(dig(object, "spec", "defaultBackend"));
  if (!hasBackend && (!Array.isArray(rules) || rules.length === 0)) {
    return [invalidValue("spec", "null", "either `defaultBackend` or `rules` must be specified")];
  }
  const causes: Cause[] = [];
  for (const [i, rule] of (Array.isArray(rules) ? rules : []).entries()) {
    const paths = dig(rule, "http", "paths");
    for (const [j, path] of (Array.isArray(paths) ? paths : []).entries()) {
      const at = `spec.rules[${i}].http.paths[${j}]`;
      if (!digString(path, "pathType")) causes.push(requiredValue(`${at}.pathType`, "pathType must be specified"));
    }
  }
  return causes;
};

const checkPod: Check = (object) => checkPodTemplate(object, "", ["Always", "OnFailure", "Never"]);

/** Names fit each other, one version is stored, and every rule can be evaluated here. */
const checkDefinition: Check = (object) => {
  const text = (...path: string[]): string => digString(object, "spec", ...path) ?? "";
  const causes: Cause[] = [];
  const wanted = `${text("names", "plural")}.${text("group")}`;
  const name = digString(object, "metadata", "name") ?? "";
  if (name !== wanted) {
    const why = `must be spec.names.plural+"."+spec.group`;
    causes.push(invalidValue("metadata.name", show(name), why));
  }
  const versions = dig(object, "spec", "versions");
  const list = Array.isArray(versions) ? versions : [];
  if (list.filter((version) => dig(version, "storage") === true).length !== 1) {
    const why = "must have exactly one version marked as storage version";
    causes.push(invalidValue("spec.versions", show(versions), why));
  }
  for (const [i, version] of list.entries()) {
    const schema = dig(version, "schema", "openAPIV3Schema");
    const at = `spec.versions[${i}].schema.openAPIV3Schema`;
    if (isObject(schema)) causes.push(...checkRules(schema, at));
    else causes.push(requiredValue(at, "schemas are required"));
  }
  return causes;
};

const checks: Readonly<Record<string, Check>> = {
  "apiextensions.k8s.io/customresourcedefinitions": checkDefinition,
  "/pods": checkPod,
  "/services": checkService,
  "/configmaps": checkConfigMap,
  "/secrets": checkSecret,
  "/persistentvolumeclaims": checkClaim,
  "apps/deployments": checkDeployment,
  "apps/replicasets": checkDeployment,
  "apps/daemonsets": checkDeployment,
  "apps/statefulsets": checkStatefulSet,
  "batch/jobs": checkJob,
  "batch/cronjobs": checkCronJob,
  "networking.k8s.io/ingresses": checkIngress,
  "rbac.authorization.k8s.io/rolebindings": checkRoleBinding,
  "rbac.authorization.k8s.io/clusterrolebindings": checkRoleBinding,
};

/** Kinds whose names are no DNS subdomains: RBAC allows path segments. */
const freeNames = new Set(["roles", "rolebindings", "clusterroles", "clusterrolebindings"]);
const labelNames = new Set(["/namespaces", "/services"]);

/** Complaints about an object that is to be stored; `previous` is undefined for a create. */
export function validateBuiltin(resource: Resource, object: JsonObject, previous: JsonObject | undefined): Cause[] {
  return [...validateMetadata(resource, object), ...(checks[resource.id]?.(object, previous) ?? [])];
}

/** Name, labels, annotations and finalizers, for every kind. */
export function validateMetadata(resource: Resource, object: JsonObject): Cause[] {
  const name = digString(object, "metadata", "name") ?? "";
  const causes: Cause[] = [];
  if (name === "") causes.push(requiredValue("metadata.name", "name or generateName is required"));
  else if (labelNames.has(resource.id)) causes.push(...checkDnsLabel(name, "metadata.name"));
  else if (!freeNames.has(resource.plural)) causes.push(...checkDnsSubdomain(name, "metadata.name"));
  causes.push(...checkLabels(dig(object, "metadata", "labels"), "metadata.labels"));
  const annotations = dig(object, "metadata", "annotations");
  if (isObject(annotations)) {
    for (const key of Object.keys(annotations))
      causes.push(...checkLabelKey(key.toLowerCase(), "metadata.annotations", key));
  }
  return causes;
}
