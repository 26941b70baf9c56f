// The applications of the fleet: a folder of five small files each, in one repository.

import { type Manifest, gvkOf } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import type { AppliedObject } from "@plumbline/testkit/floor";

export const namespaces = { applications: "bench", flux: "flux-system" } as const;

/** Path in the repository to text: five files per application. */
export function fleetFiles(count: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of applicationNames(count)) {
    const objects = applicationObjects(name);
    const resources = objects.map(({ manifest }) => `${gvkOf(manifest).kind.toLowerCase()}.yaml`);
    for (const [i, { manifest }] of objects.entries()) {
      files[`apps/${name}/${resources[i]}`] = toYaml(manifest);
    }
    const kustomization = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources };
    files[`apps/${name}/kustomization.yaml`] = toYaml(kustomization);
  }
  return files;
}

export function applicationNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `app-${i}`);
}

/** What one application consists of, in the order in which an operator applies it. */
export function applicationObjects(name: string): AppliedObject[] {
  const inBench = `namespaces/${namespaces.applications}`;
  return [
    { path: `/api/v1/${inBench}/serviceaccounts/${name}`, manifest: serviceAccount(name) },
    { path: `/api/v1/${inBench}/services/${name}`, manifest: service(name) },
    { path: `/apis/apps/v1/${inBench}/deployments/${name}`, manifest: deployment(name) },
    { path: `/apis/networking.k8s.io/v1/${inBench}/ingresses/${name}`, manifest: ingress(name) },
  ];
}

/** The path and text of an application's Deployment, with a value of its environment to tell commits apart. */
export function applicationFile(name: string, value: string): Record<string, string> {
  return { [`apps/${name}/deployment.yaml`]: toYaml(deployment(name, value)) };
}

function metadata(name: string): { name: string; namespace: string; labels: { app: string } } {
  return { name, namespace: namespaces.applications, labels: { app: name } };
}

function serviceAccount(name: string): Manifest {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata(name) };
}

function service(name: string): Manifest {
  const ports = [{ name: "http", port: 80, targetPort: "http" }];
  return { apiVersion: "v1", kind: "Service", metadata: metadata(name), spec: { selector: { app: name }, ports } };
}

function deployment(name: string, value = name): Manifest {
  const container = {
    name: "web",
    image: "registry.example/web:1.4.2",
    ports: [{ name: "http", containerPort: 8080 }],
    env: [{ name: "APP", value }],
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(name),
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { serviceAccountName: name, containers: [container] } },
    },
  };
}

function ingress(name: string): Manifest {
  const backend = { service: { name, port: { name: "http" } } };
  const paths = [{ path: "/", pathType: "Prefix", backend }];
  const spec = { rules: [{ host: `${name}.example`, http: { paths } }] };
  return { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: metadata(name), spec };
}
