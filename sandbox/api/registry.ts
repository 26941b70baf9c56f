// Which resources the sandbox serves: the built-in ones and those of its CustomResourceDefinitions.

import { dig, digString, formatApiVersion, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import {
  builtinResources,
  crdType,
  deducedType,
  namedType,
  type ResourceFacts,
  type SubresourceFacts,
  type TypeNode,
} from "@plumbline/core/schema";

export interface Resource extends ResourceFacts {
  /** `group/plural`: what the store calls it; the same for every version. */
  readonly id: string;
  readonly type: TypeNode;
  readonly hasStatus: boolean;
  readonly listKind: string;
  /** Only for resources of a CRD. */
  readonly custom: CustomVersion | undefined;
}

export interface CustomVersion {
  /** The CRD's entry of this version. */
  readonly entry: JsonObject;
  readonly storageVersion: string;
  readonly crdName: string;
}

export function resourceId(group: string, plural: string): string {
  return `${group}/${plural}`;
}

export class Registry {
  readonly #byPlural = new Map<string, Resource>();
  readonly #byKind = new Map<string, Resource>();
  readonly #ofCrd = new Map<string, Resource[]>();

  constructor() {
    for (const facts of builtinResources()) this.#add(builtin(facts));
  }

  #add(resource: Resource): void {
    const apiVersion = formatApiVersion(resource);
    this.#byPlural.set(`${apiVersion}/${resource.plural}`, resource);
    this.#byKind.set(`${apiVersion}/${resource.kind}`, resource);
  }

  find(apiVersion: string, plural: string): Resource | undefined {
    return this.#byPlural.get(`${apiVersion}/${plural}`);
  }

  ofKind(apiVersion: string, kind: string): Resource | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`);
  }

  all(): Iterable<Resource> {
    return this.#byPlural.values();
  }

  /** Any version of a stored resource. */
  ofId(id: string): Resource | undefined {
    for (const resource of this.#byPlural.values()) if (resource.id === id) return resource;
    return undefined;
  }

  /** Serves (or serves anew) the versions of a CustomResourceDefinition. */
  serveCrd(crd: JsonObject): void {
    const name = digString(crd, "metadata", "name") ?? "";
    this.withdrawCrd(name);
    const resources = customResources(crd);
    this.#ofCrd.set(name, resources);
    for (const resource of resources) this.#add(resource);
  }

  withdrawCrd(name: string): void {
    for (const resource of this.#ofCrd.get(name) ?? []) {
      const apiVersion = formatApiVersion(resource);
      this.#byPlural.delete(`${apiVersion}/${resource.plural}`);
      this.#byKind.delete(`${apiVersion}/${resource.kind}`);
    }
    this.#ofCrd.delete(name);
  }

  /** Resources of one CRD, a version each. */
  ofCrd(name: string): readonly Resource[] {
    return this.#ofCrd.get(name) ?? [];
  }
}

/** Kinds whose kind name and stored id differ from the rule: both groups of events are one resource. */
function storeIdOf(facts: ResourceFacts): string {
  if (facts.plural === "events") return resourceId("", "events");
  return resourceId(facts.group, facts.plural);
}

function builtin(facts: ResourceFacts): Resource {
  return {
    ...facts,
    id: storeIdOf(facts),
    type: namedType(facts.typeName) ?? deducedType,
    hasStatus: facts.subresources.some((sub) => sub.name === "status"),
    listKind: `${facts.kind}List`,
    custom: undefined,
  };
}

const customVerbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

function customResources(crd: JsonObject): Resource[] {
  const spec = isObject(crd.spec) ? crd.spec : {};
  const versions = Array.isArray(spec.versions) ? spec.versions.filter(isObject) : [];
  const storageVersion = digString(versions.find((entry) => entry.storage === true) ?? null, "name") ?? "";
  const crdName = digString(crd, "metadata", "name") ?? "";
  const served = versions.filter((entry) => entry.served === true);
  return served.map((entry) => customResource(spec, { entry, storageVersion, crdName }));
}

function customResource(spec: JsonObject, custom: CustomVersion): Resource {
  const group = digString(spec, "group") ?? "";
  const version = digString(custom.entry, "name") ?? "";
  const kind = digString(spec, "names", "kind") ?? "";
  const plural = digString(spec, "names", "plural") ?? "";
  const subresources = customSubresources(custom.entry, kind);
  return {
    group,
    version,
    kind,
    plural,
    singular: digString(spec, "names", "singular") ?? kind.toLowerCase(),
    listKind: digString(spec, "names", "listKind") ?? `${kind}List`,
    namespaced: spec.scope === "Namespaced",
    verbs: customVerbs,
    shortNames: strings(dig(spec, "names", "shortNames")),
    categories: strings(dig(spec, "names", "categories")),
    typeName: "",
    subresources,
    id: resourceId(group, plural),
    type: crdType({ group, version, kind }, dig(custom.entry, "schema", "openAPIV3Schema")),
    hasStatus: subresources.some((sub) => sub.name === "status"),
    custom,
  };
}

function customSubresources(entry: JsonObject, kind: string): SubresourceFacts[] {
  const verbs = ["get", "patch", "update"];
  const found: SubresourceFacts[] = [];
  if (isObject(dig(entry, "subresources", "status"))) found.push({ name: "status", kind, verbs, typeName: "" });
  if (isObject(dig(entry, "subresources", "scale"))) {
    found.push({ name: "scale", kind: "Scale", verbs, typeName: "autoscaling.v1.Scale" });
  }
  return found;
}

function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
