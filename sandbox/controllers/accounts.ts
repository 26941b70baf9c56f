// What every namespace gets: the default service account and the cluster's certificate (none here).

import type { World } from "../api/world.ts";
import { storeKey } from "../store/store.ts";
import { create, isTerminating } from "./actions.ts";
import type { Controller } from "./start.ts";

export const accountController: Controller = (world, event) => {
  if (event.resource === "/namespaces" && event.type !== "DELETED") provide(world, event.state.name);
  const isLost =
    event.type === "DELETED" && (event.resource === "/serviceaccounts" || event.resource === "/configmaps");
  if (isLost) provide(world, event.state.namespace);
};

function provide(world: World, namespace: string): void {
  const state = world.store.get("/namespaces", namespace);
  if (!state || isTerminating(state.object)) return;
  const has = (resource: string, name: string): boolean =>
    world.store.get(resource, storeKey(namespace, name)) !== undefined;
  if (!has("/serviceaccounts", "default")) {
    create(world, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } });
  }
  if (has("/configmaps", "kube-root-ca.crt")) return;
  const annotations = { "kubernetes.io/description": "The sandbox speaks plain HTTP and has no certificate." };
  const metadata = { name: "kube-root-ca.crt", namespace, annotations };
  create(world, { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "ca.crt": "" } });
}
