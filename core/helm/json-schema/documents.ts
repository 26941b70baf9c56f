// The documents of a schema: which parts have addresses of their own, and where an address leads.

import { isObject, type JsonObject, type JsonValue, own } from "@plumbline/core/model";
import { limitExceeded, parseUrl, quote } from "@plumbline/core/template";
import { messageOf, valuesInvalid } from "../failure.ts";
import { type Address, addressOf, escapePath, joinAddress, type Place, pointerOf, splitFragment } from "./address.ts";
import { type Draft, draftNamed, eachInner, idOf, latestDraft, rawId } from "./draft.ts";
import { metaschemaAt } from "./metaschemas.ts";

/** A schema with an address: the whole document, or what calls itself so inside of it. */
export interface Resource {
  readonly document: SchemaDocument;
  readonly id: string;
  readonly value: JsonValue;
  readonly place: Place | undefined;
  readonly draft: Draft;
  readonly anchors: Map<string, Spot>;
  readonly dynamicAnchors: Set<string>;
}

/** A value of a document, and the resource that it belongs to. */
export interface Spot {
  readonly value: JsonValue;
  readonly place: Place | undefined;
  readonly resource: Resource;
}

const refused = (words: string): Error => valuesInvalid(words, "values.schema.json");

export class SchemaDocument {
  readonly url: string;
  readonly root: Spot;
  private readonly byId = new Map<string, Resource>();
  /** The resource of each object that is known to be a schema. */
  private readonly known = new Map<JsonObject, Resource>();
  private readonly resources = new Map<JsonObject, Resource>();

  /** Throws `ValuesInvalid` with the words of Helm's validator for names that are taken twice or lead nowhere. */
  constructor(url: string, value: JsonValue) {
    this.url = url;
    this.root = this.collect({ value, place: undefined, resource: undefined });
  }

  /** The resource that a value begins, if it begins one. */
  resourceOf(value: JsonValue): Resource | undefined {
    return isObject(value) ? this.resources.get(value) : undefined;
  }

  /** Where an address leads in this document; undefined when it leads out of it. `isKnown`: as a schema that was checked. */
  find({ url, fragment }: Address): (Spot & { isKnown: boolean }) | undefined {
    const resource = url === this.url ? this.root.resource : this.byId.get(url);
    if (!resource) return undefined;
    if (fragment !== "" && !fragment.startsWith("/")) {
      const spot = resource.anchors.get(fragment);
      if (spot) return { ...spot, isKnown: true };
      const address = `${resource.id}#${fragment}`;
      throw refused(`anchor in ${quote(address)} not found in schema ${quote(this.url)}`);
    }
    const spot = this.walk(resource, fragment);
    return { ...spot, isKnown: isObject(spot.value) && this.known.has(spot.value) };
  }

  private walk(resource: Resource, pointer: string): Spot {
    let spot: Spot = { value: resource.value, place: resource.place, resource };
    const tokens = pointer.split("/").slice(1);
    const shown = (): string => quote(addressOf(this.url, resource.place) + escapePath(pointer));
    if (tokens.length > maxTokens) throw refused(`json-pointer in ${shown()} not found`);
    for (const token of tokens) {
      if (/~(?![01])/.test(token)) throw refused(`invalid json-pointer ${shown()}`);
      const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
      const value = step(spot.value, name);
      if (value === undefined) throw refused(`json-pointer in ${shown()} not found`);
      const known = isObject(value) ? this.known.get(value) : undefined;
      spot = { value, place: { outer: spot.place, token: name }, resource: known ?? spot.resource };
    }
    return spot;
  }

  /** Makes schemas of a value and all inside of it; gives the value with its own resource. */
  collect(start: { value: JsonValue; place: Place | undefined; resource: Resource | undefined }): Spot {
    const waiting = [start];
    for (let each = waiting.pop(); each; each = waiting.pop()) {
      const { value, place, resource } = each;
      if (!isObject(value)) {
        if (!resource) this.open({ value, place, id: this.url, draft: latestDraft });
        continue;
      }
      if (this.known.has(value)) continue;
      const { draft, own: inner } = this.resourceFor(value, place, resource);
      this.known.set(value, inner);
      if (this.known.size > maxSchemas) throw limitExceeded(`a schema has more than ${maxSchemas} schemas inside`);
      this.anchor(value, place, inner);
      eachInner(value, draft, (found, way) => {
        const deeper = way.reduce<Place | undefined>((outer, token) => ({ outer, token }), place);
        waiting.push({ value: found, place: deeper, resource: inner });
      });
    }
    const own = isObject(start.value) ? this.known.get(start.value) : undefined;
    const resource = own ?? start.resource ?? this.byId.get(this.url);
    if (!resource) throw new TypeError("a document has a resource");
    return { value: start.value, place: start.place, resource };
  }

  private resourceFor(
    value: JsonObject,
    place: Place | undefined,
    around: Resource | undefined,
  ): { draft: Draft; own: Resource } {
    const fallback = around?.draft ?? latestDraft;
    const declared = own(value, "$schema");
    let isDeclared = typeof declared === "string";
    let draft = typeof declared === "string" ? draftAt(declared) : fallback;
    let id = idOf(value, draft);
    if (id === "" && place) {
      isDeclared = false;
      draft = fallback;
      id = idOf(value, draft);
    }
    if (id === "" && around) return { draft, own: around };
    const address = id === "" ? this.url : this.joined(around?.id ?? this.url, id, place);
    const taken = this.byId.get(address);
    if (taken) {
      const pointers = `at ${quote(pointerOf(place))} and ${quote(pointerOf(taken.place))}`;
      throw refused(`duplicate id ${quote(address)} in ${quote(this.url)} ${pointers}`);
    }
    const opened = this.open({ value, place, id: address, draft: isDeclared ? draft : fallback });
    return { draft, own: opened };
  }

  private joined(base: string, id: string, place: Place | undefined): string {
    try {
      parseUrl(id);
    } catch {
      throw refused(`error in parsing id at ${quote(addressOf(this.url, place))}`);
    }
    return joinAddress(base, id).url;
  }

  private open(parts: Pick<Resource, "id" | "value" | "place" | "draft">): Resource {
    const resource: Resource = { ...parts, document: this, anchors: new Map(), dynamicAnchors: new Set() };
    this.byId.set(parts.id, resource);
    if (isObject(parts.value)) this.resources.set(parts.value, resource);
    return resource;
  }

  private anchor(value: JsonObject, place: Place | undefined, resource: Resource): void {
    for (const [name, isDynamic] of anchorsOf(value, resource.draft)) {
      const taken = resource.anchors.get(name);
      if (taken && taken.value !== value) {
        const pointers = `at ${quote(pointerOf(taken.place))} and ${quote(pointerOf(place))}`;
        throw refused(`duplicate anchor ${quote(name)} in ${quote(this.url)} ${pointers}`);
      }
      resource.anchors.set(name, { value, place, resource });
      if (isDynamic) resource.dynamicAnchors.add(name);
    }
  }
}

/** The largest of 200 public ones has 1,775; all types of Kubernetes together some 10,000. */
const maxSchemas = 50_000;
/** Pointers are no longer than documents are deep. */
const maxTokens = 10_000;

function step(value: JsonValue, name: string): JsonValue | undefined {
  if (Array.isArray(value)) return /^[+-]?[0-9]+$/.test(name) ? value[Number(name)] : undefined;
  return isObject(value) ? own(value, name) : undefined;
}

function anchorsOf(value: JsonObject, draft: Draft): [name: string, isDynamic: boolean][] {
  if (draft < 2019) {
    const { fragment } = splitFragment(rawId(value, draft));
    return fragment === "" || fragment.startsWith("/") ? [] : [[fragment, false]];
  }
  const found: [string, boolean][] = [];
  const plain = own(value, "$anchor");
  if (typeof plain === "string") found.push([plain, false]);
  const dynamic = own(value, "$dynamicAnchor");
  if (draft >= 2020 && typeof dynamic === "string") found.push([dynamic, true]);
  return found;
}

/** The draft of a `$schema`: its own, or that of the schema of schemas that it leads to. */
function draftAt(declared: string): Draft {
  const draft = draftNamed(declared);
  if (draft !== undefined) return draft;
  const url = declared.split("#", 1)[0] ?? "";
  const further = own(asObject(loadDocument(url)), "$schema");
  return (typeof further === "string" ? draftNamed(further) : undefined) ?? latestDraft;
}

const asObject = (value: JsonValue): JsonObject => (isObject(value) ? value : {});

/** What stands at an address. A URN that nobody knows allows everything; nothing is fetched for a schema. */
export function loadDocument(url: string): JsonValue {
  const metaschema = metaschemaAt(url);
  if (metaschema) return metaschema;
  let scheme: string;
  try {
    scheme = parseUrl(url).scheme;
  } catch (thrown) {
    throw refused(`failing loading ${quote(url)}: ${messageOf(thrown)}`);
  }
  if (scheme === "urn") return true;
  const isKnown = scheme === "file" || scheme === "http" || scheme === "https";
  const why = isKnown ? "nothing is fetched for a schema" : `no URLLoader registered for ${quote(url)}`;
  throw refused(`failing loading ${quote(url)}: ${why}`);
}
