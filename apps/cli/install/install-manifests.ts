// Everything that has to be in a cluster for the operator to run there, as manifests.

import { crdOf } from "@plumbline/core/crd";
import type { JsonObject, Manifest } from "@plumbline/core/model";
import { gitRepositoryDefinition, kustomizationDefinition } from "@plumbline/dialects/flux";
import { clusterMaintenanceWindowDefinition, maintenanceWindowDefinition } from "@plumbline/dialects/plumbline";
import { deployment, ports } from "./operator-deployment.ts";
import { accessManifests } from "./operator-access.ts";
import { type InstallChoices, withDefaults } from "./install-options.ts";

/** Labels of everything that is installed. */
export const installLabels = { "app.kubernetes.io/part-of": "plumbline", "app.kubernetes.io/name": "plumbline" };

const definitions = [
  gitRepositoryDefinition,
  kustomizationDefinition,
  maintenanceWindowDefinition,
  clusterMaintenanceWindowDefinition,
];

/** The CRDs, ours as they are; merge each with the live one before it is applied (`mergeCrd`). */
export function crdManifests(): Manifest[] {
  return definitions.map((definition) => {
    const crd = crdOf(definition);
    const metadata = crd.metadata as JsonObject; // crdOf sets it
    return { ...crd, metadata: { ...metadata, labels: { "app.kubernetes.io/part-of": "plumbline" } } };
  });
}

/**
 * All manifests in the order in which they can be applied; what is not chosen is the default. Nothing is named after the version, so that a newer
 * installation replaces an older one.
 */
export function installManifests(chosen: InstallChoices = {}): Manifest[] {
  const options = withDefaults(chosen);
  const manifests: Manifest[] = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: options.namespace } },
    ...crdManifests(),
    ...accessManifests(options),
    artifactService(),
    ...(options.cacheSize === undefined ? [] : [cacheClaim(options.cacheSize)]),
    deployment(options),
    ...(options.networkPolicies ? networkPolicies() : []),
  ];
  return manifests.map((manifest) => withMetadata(manifest, options.namespace));
}

const clusterScoped = new Set(["Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding"]);

function withMetadata(manifest: Manifest, namespace: string): Manifest {
  const metadata = manifest.metadata as JsonObject; // every manifest above has it
  const labels = { ...installLabels, ...(metadata.labels as JsonObject | undefined) }; // a mapping where it is set
  const place = clusterScoped.has(manifest.kind as string) ? {} : { namespace };
  return { ...manifest, metadata: { ...metadata, ...place, labels } };
}

/** Others download artifacts from this name (`status.artifact.url`). */
function artifactService(): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "source-controller" },
    spec: {
      type: "ClusterIP",
      selector: { "app.kubernetes.io/name": "plumbline" },
      ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: "http" }],
    },
  };
}

function cacheClaim(size: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "plumbline-cache" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: size } } },
  };
}

function networkPolicies(): Manifest[] {
  const podSelector = { matchLabels: { "app.kubernetes.io/name": "plumbline" } };
  const policy = (name: string, ingress: JsonObject): Manifest => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name },
    spec: { podSelector, policyTypes: ["Ingress"], ingress: [ingress] },
  });
  return [
    policy("plumbline-artifacts", { from: [{ podSelector: {} }], ports: [{ port: ports.http, protocol: "TCP" }] }),
    policy("plumbline-metrics", {
      from: [{ namespaceSelector: {} }],
      ports: [{ port: ports["http-prom"], protocol: "TCP" }],
    }),
  ];
}
