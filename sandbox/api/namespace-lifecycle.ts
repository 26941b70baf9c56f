// Writes need a namespace that exists and is not being deleted.
// Facts: k8s.io/apiserver pkg/admission/plugin/namespace/lifecycle.

import { dig } from "@plumbline/core/model";
import { forbidden, notFound, Refusal } from "./refusal.ts";
import type { ResourceCall, World } from "./world.ts";

const namespaces = { group: "", plural: "namespaces", kind: "Namespace" };
const immortal = new Set(["default", "kube-system", "kube-public"]);

export function admitNamespace(world: World, call: ResourceCall, operation: "create" | "update"): void {
  if (!call.resource.namespaced || operation !== "create") return;
  const state = world.store.get("/namespaces", call.namespace);
  if (!state) throw notFound(namespaces, call.namespace);
  if (dig(state.object, "metadata", "deletionTimestamp") === undefined) return;
  const why = `unable to create new content in namespace ${call.namespace} because it is being terminated`;
  const refusal = forbidden(call.resource, call.name, why);
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${call.namespace} is being terminated`,
    field: "metadata.namespace",
  };
  const details = dig(refusal.status, "details");
  throw new Refusal({
    code: 403,
    reason: "Forbidden",
    message: refusal.message,
    details: {
      ...(typeof details === "object" && details !== null && !Array.isArray(details) ? details : {}),
      causes: [cause],
    },
  });
}

/** The namespaces that a cluster cannot be without. */
export function refuseImmortal(name: string): void {
  if (immortal.has(name)) throw forbidden(namespaces, name, "this namespace may not be deleted");
}
