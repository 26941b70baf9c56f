// What the writing of one delivery's objects needs, as one value.

import type { Clock, Delivery, ObjectRef } from "@plumbline/core/model";
import type { Dialect, Kube, KubeCall } from "../ports/index.ts";
import type { ManagedObjects } from "../watch/managed-objects.ts";
import type { NamedObjects } from "../watch/named-objects.ts";

export interface ApplyContext {
  kube: Kube;
  dialect: Dialect;
  clock: Clock;
  managed: ManagedObjects;
  named: NamedObjects;
  /** Key of the delivery. */
  key: string;
  delivery: Delivery;
  /** Whose rights are used, and whose turn it is. */
  call: KubeCall;
  /** Further managers whose fields are taken over. */
  override: readonly string[];
}

/** Everything of a delivery with a service account is done with that account's rights, never with our own. */
export function callOf(delivery: Delivery, key: string, signal: AbortSignal): KubeCall {
  const { namespace } = delivery.origin;
  const call: KubeCall = { fairKey: key, signal };
  if (!delivery.serviceAccount) return call;
  return { ...call, impersonate: { user: `system:serviceaccount:${namespace}:${delivery.serviceAccount}` } };
}

/** Runs `work` over `items`, at most `width` at a time, results in order. Rejects with the first rejection. */
export async function mapWide<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = Array.from({ length: items.length });
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return results;
}

export function sameKind(a: ObjectRef, b: ObjectRef): boolean {
  return a.kind === b.kind && a.group === b.group;
}

/** The objects whose kind the API server serves and lets watch; a watch on another one would never answer. */
export async function watchable(
  refs: readonly ObjectRef[],
  kube: Kube,
  signal: AbortSignal | undefined,
): Promise<ObjectRef[]> {
  const answers = new Map<string, boolean>();
  const found: ObjectRef[] = [];
  for (const ref of refs) {
    const key = `${ref.group}/${ref.version}/${ref.kind}`;
    const isKnown = answers.get(key) ?? (await isWatchable(ref, kube, signal));
    answers.set(key, isKnown);
    if (isKnown) found.push(ref);
  }
  return found;
}

async function isWatchable(ref: ObjectRef, kube: Kube, signal: AbortSignal | undefined): Promise<boolean> {
  const kind = await kube.discovery.find(ref, signal ? { signal } : {});
  return kind !== undefined && kind.verbs.includes("watch");
}
