// The fleet of this bench: one small repository with a folder per application, and a Flux Kustomization for each.

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

export function fluxKustomization(name: string): Manifest {
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name, namespace: namespaces.flux },
    spec: {
      interval: "10m",
      path: `./apps/${name}`,
      prune: true,
      wait: true,
      timeout: "2m",
      sourceRef: { kind: "GitRepository", name: "fleet" },
    },
  };
}

export function gitRepository(url: string): Manifest {
  return {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "GitRepository",
    metadata: { name: "fleet", namespace: namespaces.flux },
    spec: { interval: "10m", url, ref: { branch: "main" } },
  };
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

function deployment(name: string): Manifest {
  const container = {
    name: "web",
    image: "registry.example/web:1.4.2",
    ports: [{ name: "http", containerPort: 8080 }],
    env: [{ name: "APP", value: name }],
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
