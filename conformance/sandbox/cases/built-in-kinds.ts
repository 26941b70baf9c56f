// Built-in kinds: defaults, canonical spelling, ownership, validation, patches.

import type { JsonObject } from "@plumbline/core/model";
import {
  type ApiCase,
  apply,
  get,
  jsonPatchType,
  mergeType,
  patch,
  post,
  put,
  remove,
  strategicType,
} from "../api-case.ts";

const apps = "/apis/apps/v1/namespaces/{ns}";
const core = "/api/v1/namespaces/{ns}";
const web = `${apps}/deployments/web`;

function named(kind: string, apiVersion: string, body: JsonObject): JsonObject {
  return { apiVersion, kind, metadata: { name: "x", namespace: "{ns}" }, ...body };
}

const container = { name: "c", image: "nginx:1" };
const template = (containers: JsonObject[] = [container], more: JsonObject = {}): JsonObject => ({
  metadata: { labels: { app: "web" } },
  spec: { containers, ...more },
});
const selector = { matchLabels: { app: "web" } };
const deployment = (spec: JsonObject = {}): JsonObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "{ns}" },
  spec: { selector, template: template(), ...spec },
});
const rich: JsonObject = {
  ...container,
  image: "nginx",
  args: [],
  env: [
    { name: "A", value: "1" },
    { name: "B", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
  ],
  ports: [{ containerPort: 80 }, { containerPort: 53, protocol: "UDP", name: "dns" }],
  resources: { limits: { cpu: "1000m", memory: "1.5Gi" }, requests: { cpu: 0.1, memory: "128974848" } },
  livenessProbe: { httpGet: { port: 80 } },
  readinessProbe: { tcpSocket: { port: "http" } },
  volumeMounts: [{ name: "v", mountPath: "/v" }],
  securityContext: {},
  stdin: false,
};
const volumes = [
  { name: "v", configMap: { name: "c" } },
  { name: "e", emptyDir: {} },
  { name: "s", secret: { secretName: "s" } },
  { name: "none" },
];

const configMap = (data: JsonObject): JsonObject => named("ConfigMap", "v1", { data });
const cm = `${core}/configmaps/x`;

export const builtInCases: ApiCase[] = [
  {
    name: "an applied Deployment is defaulted and owned field by field",
    steps: [apply(web, deployment({ replicas: 2 })), apply(web, deployment({ replicas: 2 }))],
  },
  {
    name: "a posted Deployment belongs to its poster with its defaults",
    steps: [post(`${apps}/deployments`, deployment())],
  },
  {
    name: "pods are defaulted inside a Deployment",
    steps: [apply(web, deployment({ template: template([rich], { volumes }) }))],
  },
  {
    name: "applying less removes containers, env and labels",
    steps: [
      apply(web, deployment({ template: template([rich, { name: "d", image: "i" }], { volumes }) })),
      apply(web, deployment({ template: template([{ ...rich, env: [], volumeMounts: [] }], {}) })),
    ],
  },
  {
    name: "an apply conflict names manager and fields",
    steps: [
      apply(web, deployment({ replicas: 2 })),
      apply(
        `${web}?fieldManager=other`,
        deployment({ replicas: 3, template: template([{ ...container, image: "nginx:2" }]) }),
      ),
      apply(`${web}?fieldManager=other&force=true`, deployment({ replicas: 3 })),
      apply(web, deployment({ replicas: 2 })),
    ],
  },
  {
    name: "an update takes fields from an applier",
    steps: [
      apply(web, deployment({ replicas: 2 })),
      patch(web, mergeType, { spec: { replicas: 5 } }),
      apply(web, deployment({ replicas: 2 })),
    ],
  },
  {
    name: "scale through the subresource",
    steps: [
      apply(web, deployment({ replicas: 2 })),
      get(`${web}/scale`),
      patch(`${web}/scale`, mergeType, { spec: { replicas: 4 } }),
      get(web),
      put(`${web}/scale`, {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { name: "web", namespace: "{ns}" },
        spec: { replicas: 0 },
      }),
    ],
  },
  {
    name: "a Deployment without selector or containers",
    steps: [
      apply(web, { ...deployment(), spec: { template: template() } }),
      apply(web, { ...deployment(), spec: { selector, template: template([]) } }),
      post(`${apps}/deployments`, { ...deployment(), spec: {} }),
    ],
  },
  {
    name: "a selector that does not match, and one that changes",
    steps: [
      apply(web, deployment({ selector: { matchLabels: { app: "other" } } })),
      apply(web, deployment()),
      apply(
        web,
        deployment({
          selector: { matchLabels: { app: "b" } },
          template: { ...template(), metadata: { labels: { app: "b" } } },
        }),
      ),
    ],
  },
  {
    name: "unknown fields of a Deployment",
    steps: [
      apply(web, deployment({ replica: 1 })),
      post(`${apps}/deployments`, deployment({ replica: 1 })),
      post(`${apps}/deployments?fieldValidation=Strict`, {
        ...deployment({ replica: 1 }),
        metadata: { name: "web2", foo: 1 },
      }),
    ],
  },
  {
    name: "values of the wrong type",
    steps: [
      apply(web, deployment({ replicas: "two" })),
      post(`${apps}/deployments`, deployment({ replicas: "two" })),
      post(`${apps}/deployments`, deployment({ template: "x" })),
      patch(web, mergeType, { spec: { replicas: "x" } }),
    ],
  },
  {
    name: "bad names and labels",
    steps: [
      post(`${apps}/deployments`, { ...deployment(), metadata: { name: "Bad_Name" } }),
      post(`${apps}/deployments`, {
        ...deployment(),
        metadata: { name: "ok", labels: { "bad key!": "v", ok: "bad value!" } },
      }),
      post(`${apps}/deployments`, { ...deployment(), metadata: {} }),
    ],
  },
  {
    name: "containers with mistakes",
    steps: [
      apply(web, deployment({ template: template([{ name: "A b", image: "" }]) })),
      apply(
        web,
        deployment({ template: template([{ ...container, volumeMounts: [{ name: "none", mountPath: "/x" }] }]) }),
      ),
      apply(web, deployment({ template: template([{ ...container, ports: [{ containerPort: 70000 }] }]) })),
    ],
  },
  {
    name: "restart policies",
    steps: [apply(web, deployment({ template: template([container], { restartPolicy: "Never" }) }))],
  },
  {
    name: "a strategic merge patch merges by keys",
    steps: [
      post(`${apps}/deployments`, deployment({ template: template([rich], { volumes }) })),
      patch(web, strategicType, {
        spec: {
          template: {
            spec: {
              containers: [
                { name: "c", image: "nginx:2" },
                { name: "d", image: "i" },
              ],
            },
          },
        },
      }),
      patch(web, strategicType, {
        spec: {
          template: {
            spec: {
              containers: [{ name: "d", $patch: "delete" }],
              volumes: [{ name: "v", configMap: null, emptyDir: {} }],
            },
          },
        },
      }),
    ],
  },
  {
    name: "patches of a missing object",
    steps: [patch(web, mergeType, { spec: { replicas: 1 } }), get(web), remove(web), put(web, deployment())],
  },
  {
    name: "a stale version is refused",
    steps: [
      post(`${core}/configmaps`, configMap({ a: "1" })),
      put(cm, { ...configMap({ a: "2" }), metadata: { name: "x", resourceVersion: "1" } }),
      patch(cm, mergeType, { metadata: { resourceVersion: "1" } }),
      put(cm, configMap({ a: "3" })),
    ],
  },
  {
    name: "creating twice",
    steps: [post(`${core}/configmaps`, configMap({ a: "1" })), post(`${core}/configmaps`, configMap({ a: "1" }))],
  },
  {
    name: "ConfigMap keys and immutability",
    steps: [
      post(`${core}/configmaps`, configMap({ "bad key": "1" })),
      post(`${core}/configmaps`, { ...configMap({ a: "1" }), immutable: true }),
      patch(cm, mergeType, { data: { a: "2" } }),
      patch(cm, mergeType, { immutable: false }),
    ],
  },
  {
    name: "a ConfigMap is applied, edited and applied again",
    steps: [
      apply(cm, configMap({ a: "1", b: "2" })),
      patch(cm, mergeType, { data: { b: "3", c: "4" } }),
      apply(cm, configMap({ a: "1" })),
      apply(cm, configMap({ a: "1", b: "2" })),
    ],
  },
  {
    name: "numbers in a ConfigMap",
    steps: [apply(cm, configMap({ a: 1 })), post(`${core}/configmaps`, configMap({ a: true }))],
  },
  {
    name: "Secrets: stringData becomes data, types are checked",
    steps: [
      apply(`${core}/secrets/x`, named("Secret", "v1", { stringData: { a: "hello" }, data: { b: "Yg==" } })),
      get(`${core}/secrets/x`),
      patch(`${core}/secrets/x`, mergeType, { type: "other" }),
      post(`${core}/secrets`, {
        ...named("Secret", "v1", { type: "kubernetes.io/tls", data: {} }),
        metadata: { name: "t" },
      }),
    ],
  },
  {
    name: "a Service gets its defaults and keeps its address",
    steps: [
      apply(`${core}/services/x`, named("Service", "v1", { spec: { selector: { a: "b" }, ports: [{ port: 80 }] } })),
      apply(
        `${core}/services/x`,
        named("Service", "v1", { spec: { selector: { a: "c" }, ports: [{ port: 80, targetPort: "http" }] } }),
      ),
    ],
  },
  {
    name: "Services of other types",
    steps: [
      post(`${core}/services`, named("Service", "v1", { spec: { type: "NodePort", ports: [{ port: 80 }] } })),
      post(`${core}/services`, {
        ...named("Service", "v1", { spec: { clusterIP: "None", selector: { a: "b" } } }),
        metadata: { name: "headless" },
      }),
      post(`${core}/services`, {
        ...named("Service", "v1", { spec: { type: "ExternalName", externalName: "example.com" } }),
        metadata: { name: "external" },
      }),
      post(`${core}/services`, {
        ...named("Service", "v1", {
          spec: {
            type: "LoadBalancer",
            ports: [
              { port: 80, name: "a" },
              { port: 81, name: "b" },
            ],
          },
        }),
        metadata: { name: "lb" },
      }),
    ],
  },
  {
    name: "Services with mistakes",
    steps: [
      post(`${core}/services`, named("Service", "v1", { spec: {} })),
      post(`${core}/services`, named("Service", "v1", { spec: { ports: [{ port: 0 }, { port: 1 }] } })),
      post(`${core}/services`, named("Service", "v1", { spec: { type: "Odd", ports: [{ port: 1 }] } })),
    ],
  },
  {
    name: "a ServiceAccount and RBAC",
    steps: [
      apply(`${core}/serviceaccounts/x`, named("ServiceAccount", "v1", {})),
      apply(
        "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles/x",
        named("Role", "rbac.authorization.k8s.io/v1", {
          rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
        }),
      ),
      apply(
        "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings/x",
        named("RoleBinding", "rbac.authorization.k8s.io/v1", {
          roleRef: { kind: "Role", name: "x", apiGroup: "rbac.authorization.k8s.io" },
          subjects: [
            { kind: "ServiceAccount", name: "x", namespace: "{ns}" },
            { kind: "User", name: "u" },
          ],
        }),
      ),
      apply(
        "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings/x",
        named("RoleBinding", "rbac.authorization.k8s.io/v1", {
          roleRef: { kind: "Role", name: "y", apiGroup: "rbac.authorization.k8s.io" },
        }),
      ),
    ],
  },
  {
    name: "a StatefulSet",
    steps: [
      apply(
        `${apps}/statefulsets/x`,
        named("StatefulSet", "apps/v1", {
          spec: {
            serviceName: "x",
            selector,
            template: template(),
            volumeClaimTemplates: [
              {
                metadata: { name: "d" },
                spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
              },
            ],
          },
        }),
      ),
      patch(`${apps}/statefulsets/x`, mergeType, { spec: { serviceName: "y" } }),
    ],
  },
  {
    name: "a DaemonSet",
    steps: [
      apply(`${apps}/daemonsets/x`, named("DaemonSet", "apps/v1", { spec: { selector, template: template() } })),
      patch(`${apps}/daemonsets/x`, mergeType, { spec: { template: { metadata: { annotations: { a: "b" } } } } }),
    ],
  },
  {
    name: "a Job and a CronJob",
    steps: [
      post(
        "/apis/batch/v1/namespaces/{ns}/jobs",
        named("Job", "batch/v1", { spec: { template: template([container], { restartPolicy: "Never" }) } }),
      ),
      apply(
        "/apis/batch/v1/namespaces/{ns}/cronjobs/x",
        named("CronJob", "batch/v1", {
          spec: {
            schedule: "* * * * *",
            jobTemplate: { spec: { template: template([container], { restartPolicy: "OnFailure" }) } },
          },
        }),
      ),
    ],
  },
  {
    name: "a Job cannot change its template",
    steps: [
      apply(
        "/apis/batch/v1/namespaces/{ns}/jobs/x",
        named("Job", "batch/v1", { spec: { template: template([container], { restartPolicy: "Never" }) } }),
      ),
      apply(
        "/apis/batch/v1/namespaces/{ns}/jobs/x",
        named("Job", "batch/v1", {
          spec: { template: template([{ ...container, image: "other" }], { restartPolicy: "Never" }) },
        }),
      ),
    ],
  },
  {
    name: "an Ingress and a NetworkPolicy",
    steps: [
      apply(
        "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses/x",
        named("Ingress", "networking.k8s.io/v1", {
          spec: {
            rules: [
              {
                host: "a.example.com",
                http: {
                  paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "x", port: { number: 80 } } } }],
                },
              },
            ],
          },
        }),
      ),
      apply(
        "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies/x",
        named("NetworkPolicy", "networking.k8s.io/v1", {
          spec: { podSelector: {}, egress: [{}], ingress: [{ ports: [{ port: 80 }] }] },
        }),
      ),
      apply("/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses/y", {
        ...named("Ingress", "networking.k8s.io/v1", { spec: {} }),
        metadata: { name: "y" },
      }),
    ],
  },
  {
    name: "autoscalers and disruption budgets",
    steps: [
      apply(
        "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers/x",
        named("HorizontalPodAutoscaler", "autoscaling/v2", {
          spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } },
        }),
      ),
      apply(
        "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/x",
        named("PodDisruptionBudget", "policy/v1", { spec: { minAvailable: 1, selector } }),
      ),
    ],
  },
  {
    name: "a PersistentVolumeClaim",
    steps: [
      apply(
        `${core}/persistentvolumeclaims/x`,
        named("PersistentVolumeClaim", "v1", {
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
        }),
      ),
      post(`${core}/persistentvolumeclaims`, named("PersistentVolumeClaim", "v1", { spec: {} })),
    ],
  },
  {
    name: "an Event and a Lease",
    steps: [
      post(`${core}/events`, {
        ...named("Event", "v1", {
          involvedObject: { kind: "Pod", name: "p", namespace: "{ns}" },
          reason: "R",
          message: "m",
          type: "Normal",
          source: { component: "c" },
          firstTimestamp: "2026-01-01T00:00:00Z",
          lastTimestamp: "2026-01-01T00:00:00Z",
          count: 1,
        }),
        metadata: { name: "e", namespace: "{ns}" },
      }),
      post(
        "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
        named("Lease", "coordination.k8s.io/v1", {
          spec: {
            holderIdentity: "h",
            leaseDurationSeconds: 15,
            renewTime: "2026-01-01T00:00:00.123456Z",
            acquireTime: "2026-01-01T00:00:00Z",
          },
        }),
      ),
      get("/apis/events.k8s.io/v1/namespaces/{ns}/events/e"),
    ],
  },
  {
    name: "limits and quotas",
    steps: [
      apply(
        `${core}/resourcequotas/x`,
        named("ResourceQuota", "v1", { spec: { hard: { pods: "10", "requests.cpu": "1000m" } } }),
      ),
      apply(
        `${core}/limitranges/x`,
        named("LimitRange", "v1", {
          spec: { limits: [{ type: "Container", max: { cpu: "2" }, defaultRequest: { cpu: "100m" } }] },
        }),
      ),
    ],
  },
  {
    name: "JSON patch of a ConfigMap",
    steps: [
      post(`${core}/configmaps`, configMap({ a: "1" })),
      patch(cm, jsonPatchType, [
        { op: "test", path: "/data/a", value: "1" },
        { op: "add", path: "/data/b", value: "2" },
      ]),
      patch(cm, jsonPatchType, [{ op: "test", path: "/data/a", value: "9" }]),
      patch(cm, jsonPatchType, [{ op: "remove", path: "/data/none" }]),
    ],
  },
  {
    name: "dry-runs of create, update, patch and delete store nothing",
    steps: [
      post(`${core}/configmaps?dryRun=All`, configMap({ a: "1" })),
      post(`${core}/configmaps`, configMap({ a: "1" })),
      patch(`${cm}?dryRun=All`, mergeType, { data: { a: "2" } }),
      remove(`${cm}?dryRun=All`),
      get(cm),
      get(`${cm}?dryRun=x`),
      patch(`${cm}?dryRun=x`, mergeType, {}),
    ],
  },
  {
    name: "apply needs a manager and no managedFields",
    steps: [
      apply(`${cm}?force=true`, configMap({ a: "1" })),
      apply(cm, {
        ...configMap({ a: "1" }),
        metadata: { name: "x", managedFields: [{ manager: "m", operation: "Apply", apiVersion: "v1" }] },
      }),
      apply(cm, { ...configMap({ a: "1" }), metadata: { name: "other" } }),
      apply(cm, { ...configMap({ a: "1" }), kind: "Secret" }),
    ],
  },
  {
    name: "managedFields can be reset",
    steps: [
      apply(cm, configMap({ a: "1" })),
      patch(cm, mergeType, { metadata: { managedFields: [{}] } }),
      apply(cm, configMap({ a: "1" })),
    ],
  },
  {
    name: "labels and annotations of many managers",
    steps: [
      apply(cm, { ...configMap({}), metadata: { name: "x", labels: { a: "1" }, annotations: { "x.y/z": "1" } } }),
      apply(`${cm}?fieldManager=b`, { ...configMap({}), metadata: { name: "x", labels: { b: "1" } } }),
      patch(`${cm}?fieldManager=c`, mergeType, { metadata: { labels: { a: null, c: "1" } } }),
    ],
  },
  {
    name: "kubectl's last-applied annotation follows an apply of kubectl",
    steps: [
      post(`${core}/configmaps?fieldManager=kubectl-client-side-apply`, {
        ...configMap({ a: "1" }),
        metadata: {
          name: "x",
          annotations: {
            "kubectl.kubernetes.io/last-applied-configuration":
              '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"1"}}',
          },
        },
      }),
      apply(`${cm}?fieldManager=kubectl`, configMap({ a: "2" })),
    ],
  },
  {
    name: "generated names",
    steps: [post(`${core}/configmaps`, { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "random-" } })],
  },
];
