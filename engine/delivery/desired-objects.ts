// Built manifests -> desired objects: normalised, with the scope that the cluster gives their kind, and a hash each.

import {
  type Delivery,
  Failure,
  type Gvk,
  type Manifest,
  digString,
  formatApiVersion,
  formatRef,
  gvkOf,
  isObject,
  refKey,
  refOf,
} from "@plumbline/core/model";
import { type Desired, isCrd, normalizeNoting } from "@plumbline/core/plan";
import type { Dialect, Kube } from "../ports/index.ts";
import { ignoreRulesOf } from "./ignore-rules.ts";

export interface DesiredContext {
  kube: Kube;
  dialect: Dialect;
  sha256: (text: string) => string;
  /** Which fields are left to others counts as part of what is desired. */
  delivery: Delivery;
  signal: AbortSignal;
}

/** Throws `BuildFailed` for an object that stands twice, or without a namespace where its kind needs one; as `ignoreRulesOf`. */
export async function desiredObjects(manifests: readonly Manifest[], context: DesiredContext): Promise<Desired[]> {
  const isNamespaced = await scopes(manifests, context);
  const seen = new Set<string>();
  const rules = ignoreRulesOf(context.delivery);
  const ignored = rules && context.sha256(JSON.stringify(context.delivery.ignore));
  return manifests.map((manifest) => {
    refuseEncrypted(manifest);
    const { manifest: known, dropped } = normalizeNoting(manifest);
    const normalized = withScope(known, isNamespaced(gvkOf(manifest)));
    const ref = refOf(normalized);
    const key = refKey(ref);
    if (seen.has(key)) throw twice(formatRef(ref));
    seen.add(key);
    const text = JSON.stringify(normalized, (_key, value: unknown) =>
      typeof value === "bigint" ? `${value}n` : value,
    );
    const hash = context.sha256(rules?.concerns(ref) ? `${text}\n${ignored}` : text).slice(0, 32);
    const controls = context.dialect.readControls(normalized);
    return { ref, manifest: normalized, hash, controls, dropped };
  });
}

/** What stands encrypted in Git is never written as it stands. */
function refuseEncrypted(manifest: Manifest): void {
  if (manifest.apiVersion !== "v1" || manifest.kind !== "Secret" || manifest.sops === undefined) return;
  const object = formatRef(refOf(manifest));
  throw new Failure({
    reason: "ReconciliationFailed",
    message: `${object} is SOPS encrypted, configuring decryption is required for this secret to be reconciled`,
    hint: "Bring the Secret into the cluster another way, or keep this Kustomization with Flux",
    where: { object },
  });
}

/** Undefined for a kind that neither the cluster nor a CRD of this delivery knows: it is then taken as it stands. */
async function scopes(
  manifests: readonly Manifest[],
  context: DesiredContext,
): Promise<(gvk: Gvk) => boolean | undefined> {
  const known = new Map<string, boolean | undefined>();
  const keyOf = (gvk: { group: string; kind: string }): string => `${gvk.group}/${gvk.kind}`;
  for (const manifest of manifests) {
    if (!isCrd(gvkOf(manifest))) continue;
    const group = digString(manifest, "spec", "group") ?? "";
    const kind = digString(manifest, "spec", "names", "kind") ?? "";
    known.set(keyOf({ group, kind }), digString(manifest, "spec", "scope") === "Namespaced");
  }
  const unknown = new Map<string, Gvk>();
  for (const manifest of manifests) {
    const gvk = gvkOf(manifest);
    if (!known.has(keyOf(gvk))) unknown.set(keyOf(gvk), gvk);
  }
  for (const [key, gvk] of unknown) {
    known.set(key, (await context.kube.discovery.find(gvk, { signal: context.signal }))?.namespaced);
  }
  return (gvk) => known.get(keyOf(gvk));
}

function withScope(manifest: Manifest, isNamespaced: boolean | undefined): Manifest {
  const namespace = digString(manifest, "metadata", "namespace") ?? "";
  if (isNamespaced === true && namespace === "") {
    const ref = refOf(manifest);
    throw new Failure({
      reason: "BuildFailed",
      message: `${formatRef(ref)}: namespace not specified, and ${ref.kind} (${formatApiVersion(ref)}) needs one`,
      hint: "Set metadata.namespace, `namespace:` in kustomization.yaml, or spec.targetNamespace",
      where: { object: formatRef(ref), field: "metadata.namespace" },
    });
  }
  if (isNamespaced !== false || namespace === "" || !isObject(manifest.metadata)) return manifest;
  const { namespace: _dropped, ...metadata } = manifest.metadata;
  return { ...manifest, metadata };
}

function twice(object: string): Failure {
  return new Failure({
    reason: "BuildFailed",
    message: `${object} is defined twice`,
    hint: "Remove one of the definitions, or give one another name",
    where: { object },
  });
}
