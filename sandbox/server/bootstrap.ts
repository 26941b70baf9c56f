// The objects that every cluster has before anybody writes: namespaces, roles, the API's own Service.

import type { JsonObject } from "@plumbline/core/model";
import { administrator } from "../access/users.ts";
import { createObject } from "../api/write.ts";
import type { World } from "../api/world.ts";

const rbac = "rbac.authorization.k8s.io";
const readVerbs = ["get", "list", "watch"];
const writeVerbs = ["create", "delete", "deletecollection", "patch", "update"];
const label = { "kubernetes.io/bootstrapping": "rbac-defaults" };

function clusterRole(name: string, rules: JsonObject[], labels: JsonObject = {}): JsonObject {
  return { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name, labels: { ...label, ...labels } }, rules };
}

function clusterRoleBinding(role: string, groups: string[]): JsonObject {
  return {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: role, labels: label },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
    subjects: groups.map((name) => ({ kind: "Group", apiGroup: rbac, name })),
  };
}

function rule(apiGroups: string[], resources: string[], verbs: string[]): JsonObject {
  return { apiGroups, resources, verbs };
}

const namespaced: [string, string[]][] = [
  [
    "",
    [
      "configmaps",
      "endpoints",
      "events",
      "persistentvolumeclaims",
      "pods",
      "pods/log",
      "pods/status",
      "replicationcontrollers",
      "replicationcontrollers/scale",
      "services",
      "serviceaccounts",
    ],
  ],
  [
    "apps",
    [
      "controllerrevisions",
      "daemonsets",
      "deployments",
      "deployments/scale",
      "replicasets",
      "replicasets/scale",
      "statefulsets",
      "statefulsets/scale",
    ],
  ],
  ["autoscaling", ["horizontalpodautoscalers"]],
  ["batch", ["cronjobs", "jobs"]],
  ["networking.k8s.io", ["ingresses", "networkpolicies"]],
  ["policy", ["poddisruptionbudgets"]],
  ["discovery.k8s.io", ["endpointslices"]],
];
const viewRules = [
  ...namespaced.map(([group, resources]) => rule([group], resources, readVerbs)),
  rule([""], ["bindings", "limitranges", "namespaces", "resourcequotas"], readVerbs),
];
const editRules = [
  ...namespaced.map(([group, resources]) => rule([group], resources, writeVerbs)),
  rule(
    [""],
    ["secrets", "pods/exec", "pods/portforward", "pods/attach", "pods/proxy", "services/proxy"],
    [...readVerbs, ...writeVerbs],
  ),
  rule([""], ["pods/eviction", "serviceaccounts/token"], ["create"]),
  rule([""], ["serviceaccounts"], ["impersonate"]),
  rule(["coordination.k8s.io"], ["leases"], [...readVerbs, ...writeVerbs]),
];
const adminRules = [
  rule([rbac], ["rolebindings", "roles"], [...readVerbs, ...writeVerbs]),
  rule(["authorization.k8s.io"], ["localsubjectaccessreviews"], ["create"]),
];

/** Roles of users as a server creates them. The user-facing ones list the rules; the real ones aggregate theirs. */
function roles(): JsonObject[] {
  const discovery = [
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/openapi",
    "/openapi/*",
    "/readyz",
    "/version",
    "/version/",
  ];
  const reviews = rule(["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]);
  const self = rule(["authentication.k8s.io"], ["selfsubjectreviews"], ["create"]);
  const everything = [rule(["*"], ["*"], ["*"]), { nonResourceURLs: ["*"], verbs: ["*"] }];
  return [
    clusterRole("cluster-admin", everything),
    clusterRole("view", viewRules, { "rbac.authorization.k8s.io/aggregate-to-edit": "true" }),
    clusterRole("edit", [...viewRules, ...editRules], { "rbac.authorization.k8s.io/aggregate-to-admin": "true" }),
    clusterRole("admin", [...viewRules, ...editRules, ...adminRules]),
    clusterRole("system:basic-user", [reviews, self]),
    clusterRole("system:discovery", [{ nonResourceURLs: discovery, verbs: ["get"] }]),
    clusterRoleBinding("cluster-admin", ["system:masters"]),
    clusterRoleBinding("system:basic-user", ["system:authenticated"]),
    clusterRoleBinding("system:discovery", ["system:authenticated"]),
  ];
}

const namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

const apiService: JsonObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "kubernetes", namespace: "default", labels: { component: "apiserver", provider: "kubernetes" } },
  spec: { clusterIP: "10.0.0.1", ports: [{ name: "https", port: 443, targetPort: 6443 }] },
};

/** Writes an object as the server itself. */
export function createAsServer(world: World, object: JsonObject, manager: string): JsonObject {
  const apiVersion = String(object.apiVersion as string);
  const resource = world.registry.ofKind(apiVersion, String(object.kind as string));
  if (!resource) throw new RangeError(`no resource for ${apiVersion}`);
  const metadata = object.metadata as JsonObject;
  const namespace = typeof metadata.namespace === "string" ? metadata.namespace : "";
  const call = {
    resource,
    namespace,
    name: "",
    subresource: "",
    query: new URLSearchParams(),
    user: administrator,
    agent: manager,
  };
  return createObject({ world, call, dryRun: false }, object, manager);
}

/** Fills an empty store. */
export function bootstrap(world: World): void {
  for (const name of namespaces)
    createAsServer(world, { apiVersion: "v1", kind: "Namespace", metadata: { name } }, "kube-apiserver");
  createAsServer(world, apiService, "kube-apiserver");
  for (const object of roles()) createAsServer(world, object, "kube-apiserver");
}
