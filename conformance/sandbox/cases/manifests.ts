// Small manifests that the cases build on.

import type { JsonObject } from "@plumbline/core/model";

export const apps = "/apis/apps/v1/namespaces/{ns}";
export const core = "/api/v1/namespaces/{ns}";
export const web = `${apps}/deployments/web`;

export function named(kind: string, apiVersion: string, body: JsonObject): JsonObject {
  return { apiVersion, kind, metadata: { name: "x", namespace: "{ns}" }, ...body };
}

export const container = { name: "c", image: "nginx:1" };
export const template = (containers: JsonObject[] = [container], more: JsonObject = {}): JsonObject => ({
  metadata: { labels: { app: "web" } },
  spec: { containers, ...more },
});
export const selector = { matchLabels: { app: "web" } };
export const deployment = (spec: JsonObject = {}): JsonObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "{ns}" },
  spec: { selector, template: template(), ...spec },
});
export const rich: JsonObject = {
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
export const volumes = [
  { name: "v", configMap: { name: "c" } },
  { name: "e", emptyDir: {} },
  { name: "s", secret: { secretName: "s" } },
  { name: "none" },
];

export const configMap = (data: JsonObject): JsonObject => named("ConfigMap", "v1", { data });
export const cm = `${core}/configmaps/x`;

const spellings = [
  "0",
  "1",
  "1000",
  "1000m",
  "1500m",
  "0.5",
  "1.5",
  "1.500",
  ".5",
  "5.",
  "+5",
  "00.10",
  "1k",
  "1000k",
  "1M",
  "1024",
  "1Ki",
  "1024Ki",
  "1.5Gi",
  "0.5Gi",
  "1023Mi",
  "1048576Ki",
  "512Mi",
  "8Ei",
  "16Ei",
  "1e3",
  "1E3",
  "12e6",
  "1e-3",
  "0.1m",
  "100n",
  "1u",
  "129M",
  "128974848",
  "999999999999999999",
  "9223372036854775807",
  "0.000000001",
  "0.0000000001",
  "3.14159265358979",
];
/** Numbers in every spelling, as sizes of volumes. */
export const sizedVolumes: JsonObject[] = spellings.map((sizeLimit, i) => ({ name: `v${i}`, emptyDir: { sizeLimit } }));
