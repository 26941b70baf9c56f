// The values for substitution: substituteFrom in order, inline values on top.

import {
  type DataRef,
  type Delivery,
  Failure,
  type Manifest,
  type Variables,
  isObject,
  setOwn,
} from "@plumbline/core/model";
import type { NamedObjects } from "../watch/named-objects.ts";
import type { DeliveryState } from "./delivery-state.ts";

/** Flux's rule for names (fluxcd/pkg kustomize). */
const NAME = /^[_a-zA-Z][_a-zA-Z0-9]*$/;

export function refOfData(data: DataRef): { group: ""; version: "v1"; kind: string; namespace: string; name: string } {
  return { group: "", version: "v1", kind: data.kind, namespace: data.namespace, name: data.name };
}

/**
 * All variables of a delivery; undefined when it substitutes nothing. Later sources win over earlier ones, inline values
 * over all. Throws Failure for a missing source that is not optional and for a name that is not allowed.
 */
export async function readVariables(
  delivery: Delivery,
  named: NamedObjects,
  signal: AbortSignal,
): Promise<Variables | undefined> {
  if (!delivery.substitution) return undefined;
  const variables: Variables = {};
  for (const from of delivery.substitution.from) {
    const object = await named.value(refOfData(from), { signal });
    if (object) addValues(variables, valuesOf(object), from);
    else if (!from.optional) throw missing(from);
  }
  addValues(variables, delivery.substitution.inline, undefined);
  return variables;
}

/** Follows every substitution source, so that a change takes effect at once. */
export function followVariables(
  state: DeliveryState,
  delivery: Delivery,
  named: NamedObjects,
  onChange: () => void,
): void {
  const wanted = new Map(
    (delivery.substitution?.from ?? []).map((from) => [`${from.kind}/${from.namespace}/${from.name}`, from]),
  );
  for (const [key, stop] of state.subscriptions) {
    if (wanted.has(key)) continue;
    stop();
    state.subscriptions.delete(key);
  }
  for (const [key, from] of wanted) {
    if (!state.subscriptions.has(key)) state.subscriptions.set(key, named.subscribe(refOfData(from), onChange));
  }
}

/** ConfigMap values as they stand, Secret values decoded. */
function valuesOf(object: Manifest): Record<string, string> {
  const values: Record<string, string> = {};
  if (!isObject(object.data)) return values;
  for (const [key, value] of Object.entries(object.data)) {
    if (typeof value !== "string") continue;
    setOwn(values, key, object.kind === "Secret" ? new TextDecoder().decode(Uint8Array.fromBase64(value)) : value);
  }
  return values;
}

function addValues(variables: Variables, values: Record<string, string>, from: DataRef | undefined): void {
  for (const [name, value] of Object.entries(values)) {
    if (!NAME.test(name)) throw badName(name, from);
    setOwn(variables, name, value.replaceAll("\n", ""));
  }
}

function badName(name: string, from: DataRef | undefined): Failure {
  return new Failure({
    reason: "BuildFailed",
    message: `'${name}' is no valid variable name: letters, digits and _ only, and no digit first`,
    hint: "Rename the key, or move it to an object that is not in substituteFrom",
    where: from
      ? { object: `${from.kind}/${from.namespace}/${from.name}`, field: `data[${name}]` }
      : { field: `spec.postBuild.substitute[${name}]` },
  });
}

function missing(from: DataRef): Failure {
  return new Failure({
    reason: "BuildFailed",
    message: `substitute from '${from.kind}/${from.name}' error: ${from.kind} '${from.namespace}/${from.name}' not found`,
    hint: `Create it in namespace ${from.namespace}, or set optional: true`,
    where: { field: "spec.postBuild.substituteFrom" },
  });
}
