// What a server carries over from the stored object when its spec is updated.

import { dig, digString, equalJson, isObject, type JsonObject } from "@plumbline/core/model";
import type { Resource } from "../api/registry.ts";
import type { World } from "../api/world.ts";
import { keepAddresses } from "./service.ts";

interface Update {
  readonly previous: JsonObject;
  /** Changed at its top level. */
  readonly next: JsonObject;
  readonly world: World;
}

type Preparer = (update: Update) => void;

/** The finalizers of a namespace are written through its own subresource only. */
function keepNamespaceSpec({ previous, next }: Update): void {
  if (previous.spec !== undefined) next.spec = previous.spec;
}

function keepTemplateGeneration({ previous, next }: Update): void {
  const key = "deprecated.daemonset.template.generation";
  const before = Number(digString(previous, "metadata", "annotations", key) ?? 0);
  if (before === 0 || !isObject(next.metadata)) return;
  const isSame = equalJson(dig(previous, "spec", "template"), dig(next, "spec", "template"));
  const generation = String(isSame ? before : before + 1);
  const annotations = isObject(next.metadata.annotations) ? next.metadata.annotations : {};
  next.metadata = { ...next.metadata, annotations: { ...annotations, [key]: generation } };
}

const preparers: Readonly<Record<string, Preparer>> = {
  "/namespaces": keepNamespaceSpec,
  "/services": ({ previous, next, world }) => keepAddresses(previous, next, world),
  "apps/daemonsets": keepTemplateGeneration,
};

export function prepareUpdate(resource: Resource, update: Update): void {
  preparers[resource.id]?.(update);
}
