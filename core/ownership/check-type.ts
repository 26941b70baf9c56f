// Whether a value fits its type, in the words of server-side apply.
// Facts: sigs.k8s.io/structured-merge-diff v6, typed/validate.go.

import { type JsonObject, type JsonValue, own } from "@plumbline/core/model";
import { fieldType, itemType, type TypeNode } from "@plumbline/core/schema";
import { fieldElement, formatPath } from "./path-element.ts";
import { itemElement, shapeOf } from "./typed-value.ts";

/** Complaints as `.path: message`; `duplicates` allows an item of a list to stand twice, as in live objects. */
export function typeErrors(node: TypeNode, value: JsonValue, duplicates: "refuse" | "allow"): string[] {
  const walk: Walk = { errors: [], path: [], duplicates };
  check(walk, node, value);
  return walk.errors;
}

interface Walk {
  readonly errors: string[];
  readonly path: string[];
  readonly duplicates: "refuse" | "allow";
}

function complain(walk: Walk, message: string): void {
  const path = formatPath(walk.path);
  walk.errors.push(path === "" ? message : `${path}: ${message}`);
}

function check(walk: Walk, node: TypeNode, value: JsonValue): void {
  if (value === null) return;
  switch (shapeOf(node, value)) {
    case "scalar":
      return checkScalar(walk, node, value);
    case "list":
      if (!Array.isArray(value)) return complain(walk, `expected list, got ${describe(value)}`);
      return checkItems(walk, node, value);
    case "map":
      if (typeof value !== "object" || Array.isArray(value)) {
        return complain(walk, `expected map, got ${describe(value)}`);
      }
      return checkKeys(walk, node, value);
  }
}

function checkScalar(walk: Walk, node: TypeNode, value: JsonValue): void {
  const kind = typeof value;
  switch (node.type) {
    case "integer":
    case "number":
      if (kind !== "number" && kind !== "bigint") {
        complain(walk, `expected numeric (int or float), got ${goType(value)}`);
      }
      return;
    case "string":
      // A format makes the scalar untyped, except for base64 bytes.
      if (node.format !== "" && node.format !== "byte" && kind !== "object") return;
      if (kind !== "string") complain(walk, `expected string, got ${goSyntax(value)}`);
      return;
    case "boolean":
      if (kind !== "boolean") complain(walk, `expected boolean, got ${describe(value)}`);
      return;
    default:
      if (kind === "object") complain(walk, `expected any scalar, got ${describe(value)}`);
  }
}

function checkKeys(walk: Walk, node: TypeNode, map: JsonObject): void {
  for (const key of Object.keys(map)) {
    walk.path.push(fieldElement(key));
    const type = fieldType(node, key);
    if (type) check(walk, type, own(map, key) ?? null);
    else complain(walk, "field not declared in schema");
    walk.path.pop();
    if (!type) return;
  }
}

function checkItems(walk: Walk, node: TypeNode, items: JsonValue[]): void {
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    let element = `i:${i}`;
    if (node.listType !== "atomic") {
      try {
        element = itemElement(node, item);
      } catch (thrown) {
        if (!(thrown instanceof TypeError)) throw thrown;
        return complain(walk, `element ${i}: ${thrown.message}`);
      }
      if (seen.has(element) && walk.duplicates === "refuse") {
        complain(walk, `duplicate entries for key ${formatPath([element])}`);
      }
      seen.add(element);
    }
    walk.path.push(element);
    check(walk, itemType(node), item);
    walk.path.pop();
  }
}

/** A value as the server shows it inside a message. */
function describe(value: JsonValue): string {
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value, sortKeys);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function goType(value: JsonValue): string {
  if (Array.isArray(value)) return "[]interface {}";
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    default:
      return "map[string]interface {}";
  }
}

function goSyntax(value: JsonValue): string {
  const text = describe(value);
  if (typeof value === "number" && Number.isInteger(value)) return `&value.valueUnstructured{Value:${text}}`;
  return `&value.valueUnstructured{Value:${text}}`;
}
