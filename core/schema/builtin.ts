// Kubernetes' own types and resources, read from facts.ts on first use.
//
// Letters of a type row: t type, f format, r name of another type, p fields as [name, write mode, type, ...numbers of the protobuf field], x type of a
// map's values, i type of a list's items, l/k list type and keys, m map type, ps/pk patch strategy and merge key,
// d default, e enum, q required fields, u keeps unknown fields. Write modes: "" pointer, e omit-empty, k zero, n null.

import { formatApiVersion, type Gvk, type JsonValue } from "@plumbline/core/model";
import { facts } from "./facts.ts";
import type { ResourceFacts, SubresourceFacts } from "./resource.ts";
import { atomicType, deducedType, type Field, type TypeNode, type WriteMode } from "./type.ts";

interface Row {
  t?: TypeNode["type"];
  f?: string;
  r?: string;
  p?: FieldRow[];
  x?: Row;
  i?: Row;
  l?: TypeNode["listType"];
  k?: string[];
  m?: TypeNode["mapType"];
  ps?: string;
  pk?: string;
  d?: JsonValue;
  e?: JsonValue[];
  q?: string[];
  u?: boolean;
}
type FieldRow = [name: string, mode: string, type: Row, ...protobuf: number[]];
type ResourceRow = [
  "r",
  string,
  string,
  string,
  string,
  string,
  boolean,
  string[],
  string[],
  string[],
  string,
  [string, string, string[], string][],
];

interface Tables {
  lines: Map<string, string>;
  nodes: Map<string, TypeNode>;
  resources: readonly ResourceFacts[];
  byKind: Map<string, ResourceFacts>;
}

let loaded: Tables | undefined;

function tables(): Tables {
  loaded ??= load();
  return loaded;
}

function load(): Tables {
  const lines = new Map<string, string>();
  const resources: ResourceFacts[] = [];
  for (const line of facts.split("\n")) {
    if (line.startsWith('["r"')) resources.push(readResource(JSON.parse(line) as ResourceRow));
    else if (line !== "") lines.set(line.slice(6, line.indexOf('"', 6)), line);
  }
  const byKind = new Map(resources.map((r) => [kindKey(r), r]));
  return { lines, nodes: new Map(), resources, byKind };
}

function kindKey(gvk: Gvk): string {
  return `${formatApiVersion(gvk)}/${gvk.kind}`;
}

function readResource(row: ResourceRow): ResourceFacts {
  const [, group, version, plural, singular, kind, namespaced, verbs, shortNames, categories, typeName, subs] = row;
  const subresources: SubresourceFacts[] = subs.map(([name, subKind, subVerbs, subType]) => ({
    name,
    kind: subKind,
    verbs: subVerbs,
    typeName: subType,
  }));
  return { group, version, plural, singular, kind, namespaced, verbs, shortNames, categories, typeName, subresources };
}

/** Every built-in resource of a stable version, in the order of a server's discovery. */
export function builtinResources(): readonly ResourceFacts[] {
  return tables().resources;
}

/** The resource of a built-in kind; undefined for kinds that Kubernetes itself does not have. */
export function builtinResource(gvk: Gvk): ResourceFacts | undefined {
  return tables().byKind.get(kindKey(gvk));
}

/** The type of a built-in kind. */
export function builtinType(gvk: Gvk): TypeNode | undefined {
  const resource = builtinResource(gvk);
  return resource && namedType(resource.typeName);
}

/** Names of all built-in types, as `namedType` takes them. */
export function builtinTypeNames(): Iterable<string> {
  return tables().lines.keys();
}

/** A built-in type by its short name such as `meta.v1.ObjectMeta`. */
export function namedType(name: string): TypeNode | undefined {
  const { lines, nodes } = tables();
  const known = nodes.get(name);
  if (known) return known;
  const line = lines.get(name);
  if (line === undefined) return undefined;
  const node = specialNode(name) ?? buildNode(name, (JSON.parse(line) as ["t", string, Row])[2]);
  nodes.set(name, node);
  return node;
}

/** Types whose document says less than a server does. */
function specialNode(name: string): TypeNode | undefined {
  switch (name) {
    case "api.resource.Quantity":
      return { ...deducedType, name, format: "quantity" };
    case "util.intstr.IntOrString":
      return { ...deducedType, name, format: "int-or-string" };
    case "runtime.RawExtension":
      return { ...atomicType, name };
    default:
      return undefined;
  }
}

function buildNode(name: string, row: Row): TypeNode {
  if (row.r !== undefined) {
    const target = namedType(row.r) ?? deducedType;
    return row.m === undefined ? target : withMapType(target, row.m);
  }
  const isOpenObject = row.t === "object" && row.p === undefined && row.x === undefined;
  return lazy({
    name,
    type: row.t ?? "",
    format: row.f ?? "",
    fields: () => row.p && new Map(row.p.map(readField)),
    extra: () => row.x && buildNode("", row.x),
    items: () => row.i && buildNode("", row.i),
    preservesUnknown: row.u === true || isOpenObject || (row.t ?? "") === "",
    listType: listTypeOf(row),
    listKeys: row.k ?? (row.pk === undefined ? [] : [row.pk]),
    mapType: row.m ?? "granular",
    required: row.q ?? [],
    enum: row.e,
  });
}

/** Without a list type, the patch strategy decides, as the server's own conversion does. */
function listTypeOf(row: Row): TypeNode["listType"] {
  if (row.l !== undefined) return row.l;
  if (row.ps === "merge" || row.ps === "merge,retainKeys") return row.pk === undefined ? "set" : "map";
  return "atomic";
}

const writeModes: Record<string, WriteMode> = { "": "pointer", e: "omit-empty", k: "zero", n: "null" };

function readField([name, mode, row, ...protobuf]: FieldRow): [string, Field] {
  const field: Field = {
    name,
    type: buildNode("", row),
    write: writeModes[mode] ?? "pointer",
    default: row.d,
    patchStrategy: row.ps,
    patchMergeKey: row.pk,
    protobuf,
  };
  return [name, field];
}

type Lazy = Omit<TypeNode, "fields" | "extra" | "items" | "nullable" | "source"> & {
  fields: () => TypeNode["fields"];
  extra: () => TypeNode["extra"];
  items: () => TypeNode["items"];
};

/** Reads children once, when first asked, so that types may contain themselves. */
function lazy(parts: Lazy): TypeNode {
  const node = { ...parts, nullable: true, source: undefined } as unknown as TypeNode;
  for (const key of ["fields", "extra", "items"] as const) {
    Object.defineProperty(node, key, {
      configurable: true,
      enumerable: true,
      get() {
        const value = parts[key]();
        Object.defineProperty(node, key, { value, enumerable: true });
        return value;
      },
    });
  }
  return node;
}

function withMapType(target: TypeNode, mapType: TypeNode["mapType"]): TypeNode {
  if (target.mapType === mapType) return target;
  return lazy({
    ...pick(target),
    mapType,
    fields: () => target.fields,
    extra: () => target.extra,
    items: () => target.items,
  });
}

/** The parts of a node that do not lead to other nodes. */
function pick(node: TypeNode): Omit<TypeNode, "fields" | "extra" | "items" | "nullable" | "source"> {
  const { name, type, format, preservesUnknown, listType, listKeys, mapType, required } = node;
  return { name, type, format, preservesUnknown, listType, listKeys, mapType, required, enum: node.enum };
}
