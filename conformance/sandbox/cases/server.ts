// The server itself: discovery, lists, selectors, namespaces, deletion, access, forms of answers.

import type { JsonObject } from "@plumbline/core/model";
import { type ApiCase, apply, get, mergeType, patch, post, put, remove } from "../api-case.ts";

const core = "/api/v1/namespaces/{ns}";
const configMap = (name: string, labels: JsonObject = {}, data: JsonObject = { a: "1" }): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, labels },
  data,
});
const maps = `${core}/configmaps`;
const three = [
  post(maps, configMap("a", { app: "x", tier: "1" })),
  post(maps, configMap("b", { app: "y" })),
  post(maps, configMap("c")),
];
const table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";
const partialList = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";
const list = (query: string): ReturnType<typeof get> => get(`${maps}?${query}`);
const as = (user: string, groups = ""): { headers: Record<string, string> } => ({
  headers: { "impersonate-user": user, ...(groups === "" ? {} : { "impersonate-group": groups }) },
});
const rbac = "rbac.authorization.k8s.io";

export const serverCases: ApiCase[] = [
  {
    name: "discovery of core, of a group and of all groups",
    steps: [
      get("/api/v1"),
      get("/apis/apps/v1"),
      get("/apis/apps"),
      get("/apis/batch/v1"),
      get("/apis/rbac.authorization.k8s.io/v1"),
      get("/apis/cases.example.com/v1"),
      get("/apis/cases.example.com"),
    ],
  },
  {
    name: "aggregated discovery of core",
    steps: [get("/api", { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" })],
  },
  {
    name: "paths that lead nowhere",
    steps: [
      get("/nothing"),
      get("/apis/none.example.com"),
      get("/apis/apps/v9"),
      get("/apis/apps/v1/nothing"),
      get(`${core}/nothing/x`),
      get("/api/v1/configmaps/x/y"),
    ],
  },
  { name: "health", steps: [get("/healthz"), get("/livez"), get("/readyz")] },
  {
    name: "lists by label",
    steps: [
      ...three,
      list("labelSelector=app"),
      list("labelSelector=app%3Dx"),
      list("labelSelector=app!%3Dx"),
      list("labelSelector=app+in+(x,y),tier"),
      list("labelSelector=!app"),
      list("labelSelector=app+notin+(x)"),
      list("labelSelector=a+b"),
    ],
  },
  {
    name: "lists by field",
    steps: [
      ...three,
      list("fieldSelector=metadata.name%3Db"),
      list("fieldSelector=metadata.name!%3Db"),
      list("fieldSelector=metadata.namespace%3D{ns}"),
      list("fieldSelector=data.a%3D1"),
    ],
  },
  { name: "lists in pages", steps: [...three, list("limit=2"), list("limit=3"), list("limit=10")] },
  {
    name: "a list at a version",
    steps: [
      list("resourceVersion=0"),
      list("resourceVersion=abc"),
      list("resourceVersion=1&resourceVersionMatch=NotOlderThan"),
    ],
  },
  {
    name: "tables",
    steps: [
      ...three,
      get(maps, { accept: table }),
      get(`${maps}/a`, { accept: table }),
      get(`${maps}?includeObject=None`, { accept: table }),
      get("/api/v1/namespaces/{ns}", { accept: table }),
    ],
  },
  {
    name: "tables of workloads",
    steps: [
      post(`/apis/apps/v1/namespaces/{ns}/deployments`, {
        metadata: { name: "web" },
        spec: {
          replicas: 2,
          selector: { matchLabels: { a: "b" } },
          template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i:1" }] } },
        },
      }),
      get(`/apis/apps/v1/namespaces/{ns}/deployments`, { accept: table }),
      post(`${core}/services`, { metadata: { name: "s" }, spec: { clusterIP: "None", ports: [{ port: 80 }] } }),
      get(`${core}/services`, { accept: table }),
      post(`${core}/secrets`, { metadata: { name: "k" }, stringData: { a: "b" } }),
      get(`${core}/secrets`, { accept: table }),
    ],
  },
  {
    name: "metadata alone",
    steps: [...three, get(`${maps}/a`, { accept: partial }), get(maps, { accept: partialList })],
  },
  { name: "a form nobody can write", steps: [get(maps, { accept: "application/vnd.kubernetes.none" })] },
  {
    name: "bodies that are no objects",
    steps: [
      { method: "POST", path: maps, body: "text" },
      { method: "POST", path: maps, body: [] },
      { method: "PATCH", path: `${maps}/a`, body: {}, contentType: "application/x-unknown" },
    ],
  },
  {
    name: "kinds and versions that do not fit the address",
    steps: [
      post(maps, { ...configMap("a"), kind: "Secret" }),
      post(maps, { ...configMap("a"), apiVersion: "v2" }),
      post(maps, { ...configMap("a"), metadata: { name: "a", namespace: "other" } }),
      put(`${maps}/a`, configMap("b")),
    ],
  },
  {
    name: "writes to a namespace that is not there",
    steps: [
      post("/api/v1/namespaces/missing/configmaps", configMap("a")),
      apply("/api/v1/namespaces/missing/configmaps/a", configMap("a")),
      get("/api/v1/namespaces/missing/configmaps"),
      get("/api/v1/namespaces/missing"),
    ],
  },
  {
    name: "a namespace is created and labelled",
    steps: [
      get("/api/v1/namespaces/{ns}"),
      apply("/api/v1/namespaces/{ns}-2", {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "{ns}-2", labels: { a: "b" } },
      }),
      apply("/api/v1/namespaces/{ns}-2", { apiVersion: "v1", kind: "Namespace", metadata: { name: "{ns}-2" } }),
    ],
  },
  {
    name: "a namespace that is being deleted refuses new content",
    steps: [
      post(maps, { ...configMap("a"), metadata: { name: "a", finalizers: ["x/y"] } }),
      remove("/api/v1/namespaces/{ns}"),
      post(maps, configMap("b")),
      patch(`${maps}/a`, mergeType, { data: { a: "2" } }),
      remove("/api/v1/namespaces/{ns}"),
    ],
  },
  { name: "namespaces that may not be deleted", steps: [remove("/api/v1/namespaces/default")] },
  {
    name: "deleting",
    steps: [
      ...three,
      remove(`${maps}/a`),
      remove(`${maps}/a`),
      remove(`${maps}/b`, { preconditions: { uid: "00000000-0000-4000-8000-000000000000" } }),
      remove(`${maps}/b`, { preconditions: { resourceVersion: "1" } }),
      remove(`${maps}/b?propagationPolicy=Odd`),
    ],
  },
  {
    name: "deleting with propagation",
    steps: [
      ...three,
      remove(`${maps}/a?propagationPolicy=Foreground`),
      remove(`${maps}/b`, { propagationPolicy: "Orphan" }),
      remove(`${maps}/c`, { propagationPolicy: "Background" }),
    ],
  },
  { name: "deleting a collection", steps: [...three, remove(`${maps}?labelSelector=app`), list("labelSelector=app")] },
  {
    name: "finalizers hold an object",
    steps: [
      post(maps, { ...configMap("a"), metadata: { name: "a", finalizers: ["x/y"] } }),
      remove(`${maps}/a`),
      patch(`${maps}/a`, mergeType, { metadata: { finalizers: ["x/y", "x/z"] } }),
      patch(`${maps}/a`, mergeType, { metadata: { finalizers: [] } }),
      get(`${maps}/a`),
    ],
  },
  {
    name: "an impersonated user without rights",
    steps: [
      get(maps, as("nobody")),
      post(maps, configMap("a"), as("nobody")),
      get("/apis/apps/v1/deployments", as("nobody", "some-group")),
      get("/metrics", as("nobody")),
    ],
  },
  {
    name: "an impersonated service account with a role",
    steps: [
      post(`/apis/${rbac}/v1/namespaces/{ns}/roles`, {
        metadata: { name: "r" },
        rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "create"] }],
      }),
      post(`/apis/${rbac}/v1/namespaces/{ns}/rolebindings`, {
        metadata: { name: "b" },
        roleRef: { apiGroup: rbac, kind: "Role", name: "r" },
        subjects: [{ kind: "ServiceAccount", name: "sa", namespace: "{ns}" }],
      }),
      post(maps, configMap("a"), { ...as("system:serviceaccount:{ns}:sa"), whileCode: 403 }),
      { ...remove(`${maps}/a`), ...as("system:serviceaccount:{ns}:sa") },
      get(`${core}/secrets`, as("system:serviceaccount:{ns}:sa")),
      get("/api/v1/configmaps", as("system:serviceaccount:{ns}:sa")),
    ],
  },
  {
    name: "reviews of access",
    steps: [
      post(
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SelfSubjectAccessReview",
          spec: { resourceAttributes: { namespace: "{ns}", verb: "get", resource: "pods" } },
        },
        as("nobody"),
      ),
    ],
  },
  {
    name: "nobody grants rights that they do not have",
    steps: [
      post(`/apis/${rbac}/v1/namespaces/{ns}/roles`, {
        metadata: { name: "r" },
        rules: [
          { apiGroups: [""], resources: ["configmaps"], verbs: ["get"] },
          { apiGroups: [rbac], resources: ["roles", "rolebindings"], verbs: ["*"], resourceNames: [] },
        ],
      }),
      post(`/apis/${rbac}/v1/namespaces/{ns}/roles`, {
        metadata: { name: "manage" },
        rules: [
          { apiGroups: [""], resources: ["configmaps"], verbs: ["get"] },
          { apiGroups: [rbac], resources: ["roles", "rolebindings"], verbs: ["get", "create", "update", "patch"] },
        ],
      }),
      post(`/apis/${rbac}/v1/namespaces/{ns}/rolebindings`, {
        metadata: { name: "b" },
        roleRef: { apiGroup: rbac, kind: "Role", name: "manage" },
        subjects: [{ kind: "User", name: "limited-{ns}" }],
      }),
      post(
        `/apis/${rbac}/v1/namespaces/{ns}/roles`,
        { metadata: { name: "same" }, rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }] },
        { ...as("limited-{ns}"), whileCode: 403 },
      ),
      post(
        `/apis/${rbac}/v1/namespaces/{ns}/roles`,
        { metadata: { name: "more" }, rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get", "list"] }] },
        as("limited-{ns}"),
      ),
      post(
        `/apis/${rbac}/v1/namespaces/{ns}/rolebindings`,
        { metadata: { name: "admin" }, roleRef: { apiGroup: rbac, kind: "Role", name: "r" }, subjects: [] },
        as("limited-{ns}"),
      ),
      apply(
        `/apis/${rbac}/v1/namespaces/{ns}/roles/same`,
        {
          apiVersion: `${rbac}/v1`,
          kind: "Role",
          metadata: { name: "same" },
          rules: [{ apiGroups: ["apps"], resources: ["*"], verbs: ["*"] }],
        },
        as("limited-{ns}"),
      ),
    ],
  },
];
