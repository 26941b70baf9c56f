// A tenant for tests: a namespace with a service account that may do everything there and nothing elsewhere.

import type { JsonObject, Manifest, ObjectRef } from "@plumbline/core/model";
import { withNamespace, sharedCluster, type TestHooks } from "@plumbline/testkit/control-plane";
import { eventually } from "./eventually.ts";
import { type Condition, conditionOf, FLUX_KINDS, type Site, siteLabel } from "./site.ts";

export interface Tenant {
  namespace: string;
  /** Name of its service account. */
  account: string;
  apply(manifest: Manifest): Promise<Manifest>;
  /** A Kustomization on the site's source, run by the tenant's account unless the spec says otherwise. */
  kustomization(name: string, spec: JsonObject): Promise<void>;
  configMap(name: string): Promise<Manifest | undefined>;
}

const ACCOUNT = "deployer";
const RBAC = "rbac.authorization.k8s.io";

/** In the site's own namespace, or in one of its own. */
export async function openTenant(test: TestHooks, site: Site, own?: "own namespace"): Promise<Tenant> {
  const namespace = own ? await withNamespace(await sharedCluster(), test, "tenant") : site.namespace;
  await site.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: ACCOUNT, namespace } });
  await site.apply({
    apiVersion: `${RBAC}/v1`,
    kind: "RoleBinding",
    metadata: { name: ACCOUNT, namespace },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "admin" },
    subjects: [{ kind: "ServiceAccount", name: ACCOUNT, namespace }],
  });
  const refOf = (name: string): ObjectRef => ({ group: "", version: "v1", kind: "ConfigMap", namespace, name });
  return {
    namespace,
    account: ACCOUNT,
    apply: (manifest) => site.apply(manifest),
    kustomization: async (name, spec) => {
      const sourceRef = { kind: "GitRepository", name: "fleet", namespace: site.namespace };
      const defaults = { interval: "10m", retryInterval: "1s", timeout: "5s", prune: true, sourceRef };
      await site.apply({
        apiVersion: "kustomize.toolkit.fluxcd.io/v1",
        kind: "Kustomization",
        metadata: { name, namespace, labels: { [siteLabel]: site.namespace } },
        spec: { ...defaults, serviceAccountName: ACCOUNT, ...spec },
      });
    },
    configMap: (name) => site.client.find(refOf(name)),
  };
}

/** The Kustomization as it is now. */
export function statusOf(site: Site, { namespace }: Tenant, name: string): Promise<Manifest> {
  return site.client.get({ ...FLUX_KINDS.Kustomization, namespace, name });
}

/** The Ready condition once the Kustomization has one that is not about work in progress. */
export async function verdict(site: Site, tenant: Tenant, name: string): Promise<Condition> {
  let ready: Condition | undefined;
  await eventually(`a verdict on ${tenant.namespace}/${name}`, async () => {
    ready = conditionOf(await statusOf(site, tenant, name), "Ready");
    return ready !== undefined && ready.status !== "Unknown";
  });
  return ready as Condition; // eventually() throws otherwise
}
