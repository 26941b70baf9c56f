// One step of a field path in the text that managedFields uses.
// Facts: sigs.k8s.io/structured-merge-diff v6, fieldpath/serialize-pe.go and element.go.

import { isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";

/** `f:name`: a field of a struct or a key of a map. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** `k:{...}`: an item of a keyed list, by its key fields. */
export function keyElement(fields: JsonObject): string {
  const names = Object.keys(fields).sort();
  return `k:{${names.map((name) => `${JSON.stringify(name)}:${valueText(fields[name] ?? null)}`).join(",")}}`;
}

/** `v:...`: an item of a set, by its value. */
export function valueElement(value: JsonValue): string {
  return `v:${valueText(value)}`;
}

/** JSON as Go writes it: sorted keys, and `<`, `>`, `&` escaped. */
function valueText(value: JsonValue): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(valueText).join(",")}]`;
  if (isObject(value)) {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${valueText(value[name] ?? null)}`).join(",")}}`;
  }
  const text = JSON.stringify(value);
  return typeof value === "string" ? text.replace(/[<>&\u2028\u2029]/g, escapeCode) : text;
}

function escapeCode(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Key fields of a `k:` element, or undefined for another kind. */
export function keyFields(element: string): JsonObject | undefined {
  if (!element.startsWith("k:")) return undefined;
  const fields: unknown = JSON.parse(element.slice(2));
  if (!isObject(fields)) throw new SyntaxError(`no object in the key ${element}`);
  return fields;
}

/** Value of a `v:` element. */
export function elementValue(element: string): JsonValue {
  return JSON.parse(element.slice(2)) as JsonValue;
}

/**
 * The element in its one canonical spelling; undefined for a kind this version does not know.
 * @throws SyntaxError when the text is no path element
 */
export function canonicalElement(text: string): string | undefined {
  if (text.length < 2 || text[1] !== ":") throw new SyntaxError(`no path element: ${text}`);
  switch (text[0]) {
    case "f":
      return text;
    case "k":
      return keyElement(keyFields(text) ?? {});
    case "v":
      return valueElement(elementValue(text));
    case "i": {
      if (!/^i:-?\d+$/.test(text)) throw new SyntaxError(`no index: ${text}`);
      return `i:${Number(text.slice(2))}`;
    }
    default:
      return undefined;
  }
}

const order = "fkvi";

/** Kubernetes' order: fields, keys, values, indexes. */
export function compareElements(a: string, b: string): number {
  const kind = order.indexOf(a[0] ?? "") - order.indexOf(b[0] ?? "");
  if (kind !== 0) return kind;
  switch (a[0]) {
    case "k":
      return compareKeys(keyFields(a) ?? {}, keyFields(b) ?? {});
    case "v":
      return compareValues(elementValue(a), elementValue(b));
    case "i":
      return Number(a.slice(2)) - Number(b.slice(2));
    default:
      return compareText(a, b);
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareKeys(a: JsonObject, b: JsonObject): number {
  const left = Object.keys(a).sort();
  const right = Object.keys(b).sort();
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const l = left[i] ?? "";
    const r = right[i] ?? "";
    const c = compareText(l, r) || compareValues(a[l] ?? null, b[r] ?? null);
    if (c !== 0) return c;
  }
  return left.length - right.length;
}

/** Numbers before strings before booleans before lists before maps before null. */
function compareValues(a: JsonValue, b: JsonValue): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0;
  return compareText(valueText(a), valueText(b));
}

function isNumeric(value: JsonValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function rankOf(value: JsonValue): number {
  if (isNumeric(value)) return 0;
  if (typeof value === "string") return 1;
  if (typeof value === "boolean") return 2;
  if (Array.isArray(value)) return 3;
  return value === null ? 5 : 4;
}

/** The path as Kubernetes prints it in conflicts: `.spec.containers[name="web"].image`. */
export function formatPath(path: readonly string[]): string {
  return path.map(formatElement).join("");
}

function formatElement(element: string): string {
  const rest = element.slice(2);
  switch (element[0]) {
    case "f":
      return `.${rest}`;
    case "k":
      return `[${Object.entries(keyFields(element) ?? {})
        .map(([name, value]) => `${name}=${valueText(value)}`)
        .join(",")}]`;
    case "v":
      return `[=${rest}]`;
    default:
      return `[${rest}]`;
  }
}
