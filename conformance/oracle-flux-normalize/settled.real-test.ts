// What was applied once is known to be as desired without asking: fields that a real API server defaults do not count.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isObject, type JsonObject, type Manifest } from "@plumbline/core/model";
import { findEntry } from "@plumbline/core/ownership";
import { matchesDesired, normalizeManifest } from "@plumbline/core/plan";
import { apiRequest, type Cluster, sharedCluster, withNamespace } from "@plumbline/testkit/control-plane";

const manager = "kustomize-controller";

const pod: JsonObject = {
  metadata: { labels: { app: "a" } },
  spec: {
    containers: [
      {
        name: "c",
        image: "example/app:1",
        ports: [{ containerPort: 80 }, { containerPort: 81, protocol: "UDP" }],
        env: [
          { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
          { name: "KEY", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
          { name: "EMPTY", value: "" },
        ],
        resources: { requests: { cpu: 0.5, memory: "1024Mi" }, limits: { cpu: "1000m", memory: "2048Mi" } },
        livenessProbe: { httpGet: { path: "/", port: "http" } },
        volumeMounts: [{ name: "token", mountPath: "/t" }],
      },
    ],
    tolerations: [{ key: "a", operator: "Exists" }],
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: { app: "a" } }, topologyKey: "kubernetes.io/hostname" },
        ],
      },
    },
    volumes: [
      {
        name: "token",
        projected: {
          sources: [
            { serviceAccountToken: { path: "token" } },
            { downwardAPI: { items: [{ path: "n", fieldRef: { fieldPath: "metadata.name" } }] } },
          ],
        },
      },
      { name: "cm", configMap: { name: "cm", items: [{ key: "a", path: "b" }] } },
      { name: "none", emptyDir: { sizeLimit: "1024Mi" } },
    ],
  },
};
const selector = { matchLabels: { app: "a" } };
const claim: JsonObject = {
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
};
const job: JsonObject = {
  template: { ...pod, spec: { ...(pod.spec as JsonObject), restartPolicy: "Never" } },
  podFailurePolicy: { rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }] },
};
const rule = { apiGroups: ["example.com"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["widgets"] };
const webhook: JsonObject = {
  name: "w.example.com",
  clientConfig: { service: { name: "w", namespace: "default" } },
  admissionReviewVersions: ["v1"],
  sideEffects: "None",
  rules: [rule],
};
const roleRef = { kind: "Role", name: "r", apiGroup: "rbac.authorization.k8s.io" };

/** By resource: the group's path, and the object. */
const objects: Record<string, Manifest> = {
  "apis/apps/v1/deployments": {
    apiVersion: "apps/v1",
    kind: "Deployment",
    spec: { replicas: 0, selector, template: pod },
  },
  "apis/apps/v1/daemonsets": { apiVersion: "apps/v1", kind: "DaemonSet", spec: { selector, template: pod } },
  "apis/apps/v1/statefulsets": {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    spec: { replicas: 0, serviceName: "a", selector, template: pod, volumeClaimTemplates: [claim] },
  },
  "apis/batch/v1/jobs": { apiVersion: "batch/v1", kind: "Job", spec: { ...job, suspend: true } },
  "apis/batch/v1/cronjobs": {
    apiVersion: "batch/v1",
    kind: "CronJob",
    spec: { schedule: "0 0 1 1 *", suspend: true, jobTemplate: { spec: job } },
  },
  "api/v1/services": { apiVersion: "v1", kind: "Service", spec: { selector: { app: "a" }, ports: [{ port: 80 }] } },
  "api/v1/secrets": { apiVersion: "v1", kind: "Secret", stringData: { a: "b" }, data: { c: "YWJj\nZA==" } },
  "api/v1/limitranges": {
    apiVersion: "v1",
    kind: "LimitRange",
    spec: { limits: [{ type: "Container", max: { cpu: "2000m" }, default: { memory: "1024Mi" }, min: { cpu: 0.1 } }] },
  },
  "api/v1/resourcequotas": {
    apiVersion: "v1",
    kind: "ResourceQuota",
    spec: { hard: { "requests.cpu": 2, pods: "1000" } },
  },
  "api/v1/persistentvolumeclaims": { apiVersion: "v1", kind: "PersistentVolumeClaim", spec: claim.spec as JsonObject },
  "apis/networking.k8s.io/v1/networkpolicies": {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }], from: [{ podSelector: {} }] }] },
  },
  "apis/rbac.authorization.k8s.io/v1/rolebindings": {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    roleRef,
    subjects: [
      { kind: "User", name: "u" },
      { kind: "ServiceAccount", name: "s", namespace: "default" },
    ],
  },
  "apis/autoscaling/v2/horizontalpodautoscalers": {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    spec: {
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "a" },
      metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "AverageValue", averageValue: "0.5" } } }],
      behavior: { scaleUp: { policies: [{ type: "Pods", value: 1, periodSeconds: 15 }] } },
    },
  },
  "apis/policy/v1/poddisruptionbudgets": {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    spec: { minAvailable: 1, selector },
  },
  "apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations": {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    webhooks: [webhook],
  },
  "apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations": {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    webhooks: [webhook],
  },
  "apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies": {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: "true" }] },
  },
};

async function applied(cluster: Cluster, path: string, manifest: Manifest): Promise<JsonObject> {
  const answer = await apiRequest(cluster, {
    method: "PATCH",
    path: `${path}?fieldManager=${manager}&force=true`,
    contentType: "application/apply-patch+yaml",
    body: manifest,
  });
  assert.ok(answer.status < 300, `${path}: ${answer.text}`);
  return answer.json();
}

for (const [resource, object] of Object.entries(objects)) {
  test(`a ${resource} object that was applied is as desired`, async (t) => {
    const cluster = await sharedCluster();
    const isGlobal = resource.includes("admissionregistration");
    const namespace = isGlobal ? "" : await withNamespace(cluster, t, "settled");
    const name = isGlobal ? "plumbline-settled" : "a";
    const manifest = normalizeManifest({ ...object, metadata: isGlobal ? { name } : { name, namespace } });
    const [group, plural] = [
      resource.slice(0, resource.lastIndexOf("/")),
      resource.slice(resource.lastIndexOf("/") + 1),
    ];
    const path = isGlobal ? `/${resource}/${name}` : `/${group}/namespaces/${namespace}/${plural}/${name}`;
    if (isGlobal) t.after(() => apiRequest(cluster, { method: "DELETE", path }));
    const live = await applied(cluster, path, manifest);
    const fields = findEntry(live as Manifest, manager, "Apply", "")?.fieldsV1;
    assert.ok(isObject(fields));
    assert.ok(matchesDesired(manifest, live as Manifest, fields), JSON.stringify({ manifest, live }, null, 1));
  });
}
