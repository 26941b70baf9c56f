// What a server and its default admission plugins add to a new Pod.

import { digString, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { forbidden } from "../api/refusal.ts";
import type { World } from "../api/world.ts";
import { storeKey } from "../store/store.ts";

const tokenSeconds = 3607;
const accountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Service account, token volume, tolerations, priority and the first status. */
export function preparePod(object: JsonObject, world: World): void {
  const spec: JsonObject = isObject(object.spec) ? { ...object.spec } : {};
  object.spec = spec;
  if (!spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName = "default";
  checkAccount(object, world);
  spec.priority ??= 0;
  spec.preemptionPolicy ??= "PreemptLowerPriority";
  spec.tolerations = withEvictionTolerations(Array.isArray(spec.tolerations) ? spec.tolerations : []);
  if (spec.automountServiceAccountToken !== false) mountToken(spec, world);
  object.status = { phase: "Pending", qosClass: qosClass(spec) };
}

function checkAccount(object: JsonObject, world: World): void {
  const namespace = digString(object, "metadata", "namespace") ?? "";
  const account = digString(object, "spec", "serviceAccountName") ?? "";
  if (world.store.get("/serviceaccounts", storeKey(namespace, account))) return;
  const why = `error looking up service account ${namespace}/${account}: serviceaccount ${JSON.stringify(account)} not found`;
  const pods = { group: "", plural: "pods", kind: "Pod" };
  throw forbidden(pods, digString(object, "metadata", "name") ?? "", why);
}

function withEvictionTolerations(given: JsonValue[]): JsonValue[] {
  const out = [...given];
  for (const key of ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]) {
    if (given.some((item) => isObject(item) && item.key === key)) continue;
    out.push({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 });
  }
  return out;
}

function mountToken(spec: JsonObject, world: World): void {
  const volumes = Array.isArray(spec.volumes) ? spec.volumes : [];
  const name = `kube-api-access-${world.suffix(5)}`;
  let mounted = false;
  for (const key of ["initContainers", "containers"]) {
    const containers = spec[key];
    if (!Array.isArray(containers)) continue;
    spec[key] = containers.map((container) => {
      if (!isObject(container)) return container;
      const mounts = Array.isArray(container.volumeMounts) ? container.volumeMounts : [];
      if (mounts.some((mount) => isObject(mount) && mount.mountPath === accountPath)) return container;
      mounted = true;
      return { ...container, volumeMounts: [...mounts, { name, readOnly: true, mountPath: accountPath }] };
    });
  }
  if (!mounted) return;
  const namespace = { path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } };
  const sources = [
    { serviceAccountToken: { expirationSeconds: tokenSeconds, path: "token" } },
    { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    { downwardAPI: { items: [namespace] } },
  ];
  spec.volumes = [...volumes, { name, projected: { sources, defaultMode: 420 } }];
}

/** Guaranteed, Burstable or BestEffort, by the requests and limits of cpu and memory. */
function qosClass(spec: JsonObject): string {
  const containers = [spec.containers, spec.initContainers].flatMap((list) => (Array.isArray(list) ? list : []));
  const parts = containers.map((container) => {
    const resources = isObject(container) && isObject(container.resources) ? container.resources : {};
    const limits = isObject(resources.limits) ? resources.limits : {};
    const requests = isObject(resources.requests) ? resources.requests : {};
    return { limits, requests };
  });
  const names = ["cpu", "memory"];
  const isSet = (map: JsonObject): boolean => names.some((name) => map[name] !== undefined);
  if (!parts.some(({ limits, requests }) => isSet(limits) || isSet(requests))) return "BestEffort";
  const isGuaranteed = parts.every(({ limits, requests }) =>
    names.every((name) => limits[name] !== undefined && (requests[name] ?? limits[name]) === limits[name]),
  );
  return isGuaranteed ? "Guaranteed" : "Burstable";
}
