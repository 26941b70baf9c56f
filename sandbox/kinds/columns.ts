// The columns of `kubectl get` for the common built-in kinds, after the name.
// Facts: k8s.io/kubernetes pkg/printers/internalversion/printers.go (v1.36).

import { dig, digString, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { age } from "../objects/age.ts";

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  /** 0 is always shown, more only with `-o wide`. */
  readonly priority?: number;
  readonly cell: (object: JsonObject, now: number) => JsonValue;
}

function text(name: string, cell: (object: JsonObject) => JsonValue, priority = 0): Column {
  return { name, type: "string", priority, cell };
}

function integer(name: string, ...path: string[]): Column {
  return { name, type: "integer", cell: (object) => count(dig(object, ...path)) };
}

function count(value: JsonValue | undefined): number {
  return typeof value === "number" ? value : 0;
}

function list(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function size(value: JsonValue | undefined): number {
  return isObject(value) ? Object.keys(value).length : list(value).length;
}

const ageColumn: Column = {
  name: "Age",
  type: "string",
  cell: (object, now) => age(digString(object, "metadata", "creationTimestamp"), now),
};

function selectorText(value: JsonValue | undefined): string {
  if (!isObject(value)) return "<none>";
  const labels = isObject(value.matchLabels) ? value.matchLabels : value.matchExpressions ? {} : value;
  const parts = Object.entries(labels).map(([key, item]) => `${key}=${String(item as string)}`);
  return parts.length === 0 ? "<none>" : parts.sort().join(",");
}

function containers(at: string[], part: "name" | "image"): (object: JsonObject) => string {
  return (object) =>
    list(dig(object, ...at, "spec", "containers"))
      .map((item) => digString(item, part) ?? "")
      .join(",");
}

const template = ["spec", "template"];
const wide = (at: string[]): Column[] => [
  text("Containers", containers(at, "name"), 1),
  text("Images", containers(at, "image"), 1),
];
const selector = text("Selector", (object) => selectorText(dig(object, "spec", "selector")), 1);

const replicaReady = text(
  "Ready",
  (object) => `${count(dig(object, "status", "readyReplicas"))}/${count(dig(object, "spec", "replicas"))}`,
);

function podStatus(object: JsonObject): string {
  if (dig(object, "metadata", "deletionTimestamp") !== undefined) return "Terminating";
  for (const status of list(dig(object, "status", "containerStatuses"))) {
    const waiting = digString(status, "state", "waiting", "reason");
    if (waiting) return waiting;
    const ended = digString(status, "state", "terminated", "reason");
    if (ended) return ended;
  }
  return digString(object, "status", "reason") ?? digString(object, "status", "phase") ?? "";
}

function podReady(object: JsonObject): string {
  const statuses = list(dig(object, "status", "containerStatuses"));
  const ready = statuses.filter((status) => dig(status, "ready") === true).length;
  return `${ready}/${size(dig(object, "spec", "containers"))}`;
}

function ports(object: JsonObject): string {
  const shown = list(dig(object, "spec", "ports")).map((port) => {
    const node = count(dig(port, "nodePort"));
    return `${count(dig(port, "port"))}${node === 0 ? "" : `:${node}`}/${digString(port, "protocol") ?? ""}`;
  });
  return shown.length === 0 ? "<none>" : shown.join(",");
}

function externalIp(object: JsonObject): string {
  if (digString(object, "spec", "type") === "ExternalName") return digString(object, "spec", "externalName") ?? "";
  const ingress = list(dig(object, "status", "loadBalancer", "ingress")).map(
    (item) => digString(item, "ip") ?? digString(item, "hostname") ?? "",
  );
  if (ingress.length > 0) return ingress.join(",");
  return digString(object, "spec", "type") === "LoadBalancer" ? "<pending>" : "<none>";
}

function jobStatus(object: JsonObject): string {
  const conditions = list(dig(object, "status", "conditions")).filter((item) => dig(item, "status") === "True");
  const has = (type: string): boolean => conditions.some((item) => dig(item, "type") === type);
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (dig(object, "metadata", "deletionTimestamp") !== undefined) return "Terminating";
  return has("Suspended") ? "Suspended" : "Running";
}

function hosts(object: JsonObject): string {
  const names = list(dig(object, "spec", "rules")).map((rule) => digString(rule, "host") || "*");
  return names.length === 0 ? "*" : names.join(",");
}

const roleText = text(
  "Role",
  (object) => `${digString(object, "roleRef", "kind")}/${digString(object, "roleRef", "name")}`,
);

const createdAt: Column = {
  name: "Created At",
  type: "date",
  cell: (object) => digString(object, "metadata", "creationTimestamp") ?? "",
};

export const builtinColumns: Readonly<Record<string, readonly Column[]>> = {
  "/namespaces": [text("Status", (object) => digString(object, "status", "phase") ?? ""), ageColumn],
  "/configmaps": [
    { name: "Data", type: "string", cell: (object) => size(object.data) + size(object.binaryData) },
    ageColumn,
  ],
  "/secrets": [
    text("Type", (object) => digString(object, "type") ?? ""),
    { name: "Data", type: "string", cell: (object) => size(object.data) },
    ageColumn,
  ],
  "/serviceaccounts": [{ name: "Secrets", type: "string", cell: (object) => size(object.secrets) }, ageColumn],
  "/pods": [
    text("Ready", podReady),
    text("Status", podStatus),
    { name: "Restarts", type: "string", cell: () => "0" },
    ageColumn,
    text("IP", (object) => digString(object, "status", "podIP") ?? "<none>", 1),
    text("Node", (object) => digString(object, "spec", "nodeName") ?? "<none>", 1),
    text("Nominated Node", () => "<none>", 1),
    text("Readiness Gates", () => "<none>", 1),
  ],
  "/services": [
    text("Type", (object) => digString(object, "spec", "type") ?? ""),
    text("Cluster-IP", (object) => digString(object, "spec", "clusterIP") ?? "<none>"),
    text("External-IP", externalIp),
    text("Port(s)", ports),
    ageColumn,
    selector,
  ],
  "/persistentvolumeclaims": [
    text("Status", (object) => digString(object, "status", "phase") ?? ""),
    text("Volume", (object) => digString(object, "spec", "volumeName") ?? ""),
    text("Capacity", (object) => digString(object, "status", "capacity", "storage") ?? ""),
    text("Access Modes", (object) =>
      list(dig(object, "status", "accessModes"))
        .map((mode) => digString(mode) ?? "")
        .join(","),
    ),
    text("StorageClass", (object) => digString(object, "spec", "storageClassName") ?? ""),
    text("VolumeAttributesClass", () => "<unset>"),
    ageColumn,
    text("VolumeMode", (object) => digString(object, "spec", "volumeMode") ?? "<unset>", 1),
  ],
  "/events": [
    text("Last Seen", (object) => digString(object, "lastTimestamp") ?? ""),
    text("Type", (object) => digString(object, "type") ?? ""),
    text("Reason", (object) => digString(object, "reason") ?? ""),
    text(
      "Object",
      (object) =>
        `${(digString(object, "involvedObject", "kind") ?? "").toLowerCase()}/${digString(object, "involvedObject", "name")}`,
    ),
    text("Message", (object) => (digString(object, "message") ?? "").trim()),
  ],
  "/nodes": [
    text("Status", () => "Ready"),
    text("Roles", () => "<none>"),
    ageColumn,
    text("Version", (object) => digString(object, "status", "nodeInfo", "kubeletVersion") ?? ""),
  ],
  "apps/deployments": [
    replicaReady,
    { ...integer("Up-to-date", "status", "updatedReplicas"), type: "string" },
    { ...integer("Available", "status", "availableReplicas"), type: "string" },
    ageColumn,
    ...wide(template),
    selector,
  ],
  "apps/replicasets": [
    integer("Desired", "spec", "replicas"),
    integer("Current", "status", "replicas"),
    integer("Ready", "status", "readyReplicas"),
    ageColumn,
    ...wide(template),
    selector,
  ],
  "apps/statefulsets": [replicaReady, ageColumn, ...wide(template)],
  "apps/daemonsets": [
    integer("Desired", "status", "desiredNumberScheduled"),
    integer("Current", "status", "currentNumberScheduled"),
    integer("Ready", "status", "numberReady"),
    integer("Up-to-date", "status", "updatedNumberScheduled"),
    integer("Available", "status", "numberAvailable"),
    text("Node Selector", (object) => selectorText(dig(object, "spec", "template", "spec", "nodeSelector"))),
    ageColumn,
    ...wide(template),
    selector,
  ],
  "batch/jobs": [
    text("Status", jobStatus),
    text(
      "Completions",
      (object) => `${count(dig(object, "status", "succeeded"))}/${count(dig(object, "spec", "completions") ?? 1)}`,
    ),
    text("Duration", () => ""),
    ageColumn,
    ...wide(template),
    selector,
  ],
  "batch/cronjobs": [
    text("Schedule", (object) => digString(object, "spec", "schedule") ?? ""),
    text("Timezone", (object) => digString(object, "spec", "timeZone") ?? "<none>"),
    text("Suspend", (object) => (dig(object, "spec", "suspend") === true ? "True" : "False")),
    { name: "Active", type: "integer", cell: (object) => size(dig(object, "status", "active")) },
    {
      name: "Last Schedule",
      type: "string",
      cell: (object, now) =>
        digString(object, "status", "lastScheduleTime")
          ? age(digString(object, "status", "lastScheduleTime"), now)
          : "<none>",
    },
    ageColumn,
    ...wide(["spec", "jobTemplate", "spec", "template"]),
    text("Selector", (object) => selectorText(dig(object, "spec", "jobTemplate", "spec", "selector")), 1),
  ],
  "networking.k8s.io/ingresses": [
    text("Class", (object) => digString(object, "spec", "ingressClassName") ?? "<none>"),
    text("Hosts", hosts),
    text("Address", (object) =>
      list(dig(object, "status", "loadBalancer", "ingress"))
        .map((item) => digString(item, "ip") ?? "")
        .join(","),
    ),
    text("Ports", (object) => (size(dig(object, "spec", "tls")) > 0 ? "80, 443" : "80")),
    ageColumn,
  ],
  "rbac.authorization.k8s.io/roles": [createdAt],
  "rbac.authorization.k8s.io/clusterroles": [createdAt],
  "rbac.authorization.k8s.io/rolebindings": [roleText, ageColumn],
  "rbac.authorization.k8s.io/clusterrolebindings": [roleText, ageColumn],
  "coordination.k8s.io/leases": [
    text("Holder", (object) => digString(object, "spec", "holderIdentity") ?? ""),
    ageColumn,
  ],
  "apiextensions.k8s.io/customresourcedefinitions": [createdAt],
};
