// Every request of an operator by name, so that a test can stop the world before or after any of them.

import { digString, formatRef, type Manifest, type ObjectRef, refOf } from "@plumbline/core/model";
import type { Kube } from "@plumbline/engine/ports";

/** Called before a request is sent and after its answer has come; the request goes on when the promise resolves. */
export type OnRequest = (label: string, when: "before" | "after") => Promise<void>;

/**
 * The same cluster, with `on` around each request. Labels say verb, object and, in brackets, how often that was asked:
 * `apply ConfigMap/site/a (1)`. Events are told apart by their reason, watches by their kind.
 */
export function withRequests(kube: Kube, on: OnRequest, counts = new Map<string, number>()): Kube {
  const around = async <T>(what: string, send: () => Promise<T>): Promise<T> => {
    const count = (counts.get(what) ?? 0) + 1;
    counts.set(what, count);
    const label = `${what} (${count})`;
    await on(label, "before");
    const answer = await send();
    await on(label, "after");
    return answer;
  };
  const objectOf = (manifest: Manifest): string => formatRef(refOf(manifest));
  return {
    discovery: {
      find: (kind, options) => kube.discovery.find(kind, options),
      refresh: (options) => around("discover", () => kube.discovery.refresh(options)),
    },
    find: (ref, options) => around(`get ${formatRef(ref)}`, () => kube.find(ref, options)),
    create: (manifest, options) =>
      around(`create ${nameOfEvent(manifest) ?? objectOf(manifest)}`, () => kube.create(manifest, options)),
    apply: (manifest, options) =>
      around(`${options.dryRun === true ? "try" : "apply"} ${objectOf(manifest)}`, () => kube.apply(manifest, options)),
    patch: (ref, patch, options) => around(patchLabel(ref, options), () => kube.patch(ref, patch, options)),
    delete: (ref, options) => around(`delete ${formatRef(ref)}`, () => kube.delete(ref, options)),
    watch: (options) => kube.watch(options),
  };
}

function patchLabel(ref: ObjectRef, options: { subresource?: string }): string {
  return `patch ${formatRef(ref)}${options.subresource === undefined ? "" : `/${options.subresource}`}`;
}

function nameOfEvent(manifest: Manifest): string | undefined {
  return manifest.kind === "Event" ? `Event ${digString(manifest, "reason") ?? ""}` : undefined;
}

/** A label that means the same in every namespace. */
export function withoutNamespace(label: string, namespace: string): string {
  return label.replaceAll(namespace, "NS");
}
