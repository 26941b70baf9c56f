// The Deployment of the operator.

import type { JsonArray, JsonObject, Manifest } from "@plumbline/core/model";
import type { InstallOptions } from "./install-options.ts";

/** Where the operator listens: artifacts, metrics, health. The numbers are Flux's. */
export const ports = { http: 9090, "http-prom": 8080, healthz: 9440 } as const;

/** The operator keeps what it fetched below this folder. */
const cacheFolder = "/data";

/** One process; a second one would only wait for the Leases, so a rollout stops the old one first. */
export function deployment(options: InstallOptions): Manifest {
  const labels = { "app.kubernetes.io/name": "plumbline", "app.kubernetes.io/part-of": "plumbline" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "plumbline" },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: { "app.kubernetes.io/name": "plumbline" } },
      template: {
        metadata: {
          labels,
          annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": String(ports["http-prom"]) },
        },
        spec: podSpec(options),
      },
    },
  };
}

function podSpec(options: InstallOptions): JsonObject {
  const cache: JsonObject =
    options.cacheSize === undefined ? { emptyDir: {} } : { persistentVolumeClaim: { claimName: "plumbline-cache" } };
  return {
    serviceAccountName: "plumbline",
    nodeSelector: { "kubernetes.io/os": "linux" },
    terminationGracePeriodSeconds: 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      fsGroup: 65_532,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [container(options)],
    volumes: [
      { name: "cache", ...cache },
      { name: "tmp", emptyDir: {} },
    ],
  };
}

/** In a Pod everything listens on all addresses; NetworkPolicies say who may come in. */
function runArguments(): string[] {
  return [
    "run",
    `--storage-path=${cacheFolder}`,
    `--storage-addr=0.0.0.0:${ports.http}`,
    "--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.cluster.local.",
    `--metrics-addr=0.0.0.0:${ports["http-prom"]}`,
    `--health-addr=0.0.0.0:${ports.healthz}`,
  ];
}

function container(options: InstallOptions): JsonObject {
  const probe = (path: string): JsonObject => ({ httpGet: { path, port: "healthz" } });
  return {
    name: "manager",
    image: options.image,
    args: runArguments(),
    env: [
      { name: "RUNTIME_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
      { name: "HOME", value: "/tmp" },
    ],
    ports: Object.entries(ports).map(([name, containerPort]) => ({
      name,
      containerPort,
      protocol: "TCP",
    })) satisfies JsonArray,
    livenessProbe: probe("/healthz"),
    readinessProbe: probe("/readyz"),
    resources: { requests: { cpu: "50m", memory: "96Mi" }, limits: { memory: "512Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [
      { name: "cache", mountPath: cacheFolder },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}
