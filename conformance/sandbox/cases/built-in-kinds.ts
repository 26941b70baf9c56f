// Other built-in kinds: defaults, canonical spelling, ownership, validation, patches.

import { type ApiCase, apply, get, jsonPatchType, mergeType, patch, post, put, remove } from "../api-case.ts";
import {
  apps,
  cm,
  configMap,
  container,
  core,
  deployment,
  named,
  rich,
  selector,
  sizedVolumes,
  template,
  volumes,
  web,
} from "./manifests.ts";

export const builtInCases: ApiCase[] = [
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
  {
    name: "quantities in canonical spelling",
    steps: [post(`${apps}/deployments`, deployment({ template: template([container], { volumes: sizedVolumes }) }))],
  },
  {
    name: "pods with their admission",
    steps: [
      post(`${core}/serviceaccounts`, named("ServiceAccount", "v1", {})),
      post(`${core}/pods`, named("Pod", "v1", { spec: { containers: [rich], volumes, serviceAccountName: "x" } })),
      post(`${core}/pods`, {
        ...named("Pod", "v1", { spec: { containers: [container], serviceAccountName: "missing" } }),
        metadata: { name: "y" },
      }),
      remove(`${core}/pods/x`),
      get(`${core}/pods/x`),
    ],
  },
  {
    name: "classes",
    steps: [
      apply("/apis/storage.k8s.io/v1/storageclasses/{ns}", {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name: "{ns}" },
        provisioner: "x.example.com/y",
      }),
      apply("/apis/scheduling.k8s.io/v1/priorityclasses/{ns}", {
        apiVersion: "scheduling.k8s.io/v1",
        kind: "PriorityClass",
        metadata: { name: "{ns}" },
        value: 5,
      }),
      apply("/apis/networking.k8s.io/v1/ingressclasses/{ns}", {
        apiVersion: "networking.k8s.io/v1",
        kind: "IngressClass",
        metadata: { name: "{ns}" },
        spec: { controller: "x.example.com/y" },
      }),
    ],
  },
  {
    name: "webhook configurations",
    steps: [
      apply("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{ns}", {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingWebhookConfiguration",
        metadata: { name: "{ns}" },
        webhooks: [
          {
            name: "a.example.com",
            admissionReviewVersions: ["v1"],
            sideEffects: "None",
            clientConfig: { service: { name: "s", namespace: "{ns}" } },
            rules: [
              { apiGroups: ["none.example.com"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["none"] },
            ],
          },
        ],
      }),
    ],
  },
];
