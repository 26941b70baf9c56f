// JSON patches (RFC 6902) with the habits of evanphx/json-patch v4: `replace` makes absent keys, negative indices
// count from the end.

import {
  cloneJson,
  equalJson,
  isObject,
  own,
  setOwn,
  type JsonArray,
  type JsonObject,
  type JsonValue,
} from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { buildFailure } from "./failures.ts";
import { MAX_COPIED_VALUES } from "./limits.ts";

export interface PatchOperation {
  readonly op: string;
  readonly path: string | undefined;
  readonly from: string | undefined;
  readonly value: JsonValue | undefined;
}

function patchFailure(message: string): Error {
  return buildFailure(message, {}, "Correct the JSON patch.");
}

/** Reads a JSON patch from JSON or YAML text. Throws `Failure` when it is no list of operations. */
export function parseJsonPatch(source: string): PatchOperation[] {
  if (source === "") throw patchFailure("empty json patch operations");
  const value = source.startsWith("[") ? parseJsonText(source) : parseYaml(source);
  if (value === null) return [];
  if (!Array.isArray(value)) throw patchFailure("a JSON patch must be a list of operations");
  return value.map(toOperation);
}

function parseJsonText(source: string): JsonValue {
  try {
    return JSON.parse(source) as JsonValue;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) throw patchFailure(`no JSON: ${error.message}`);
    throw error;
  }
}

function toOperation(value: JsonValue): PatchOperation {
  if (value !== null && !isObject(value)) throw patchFailure("an operation of a JSON patch must be a mapping");
  const read = (name: string): string | undefined => {
    const field = value === null ? undefined : own(value, name);
    return typeof field === "string" ? field : undefined;
  };
  return {
    op: read("op") ?? "unknown",
    path: read("path"),
    from: read("from"),
    value: value === null ? undefined : own(value, "value"),
  };
}

/** Applies the operations in order to a copy. Throws `Failure` when one does not fit the document. */
export function applyJsonPatch(document: JsonObject, operations: readonly PatchOperation[]): JsonValue {
  const holder: Holder = { root: cloneJson(document) as JsonValue, copied: 0 };
  for (const operation of operations) {
    const apply = Object.hasOwn(appliers, operation.op) ? appliers[operation.op] : undefined;
    if (!apply) throw patchFailure(`unexpected operation ${JSON.stringify(operation.op)}`);
    apply(holder, operation);
  }
  return holder.root;
}

/** The document, and how many values `copy` has multiplied so far. */
type Holder = { root: JsonValue; copied: number };
type Container = JsonObject | JsonArray;

function decodeKey(key: string): string {
  return key.replaceAll(/~[01]/g, (mark) => (mark === "~1" ? "/" : "~"));
}

function locateContainer(holder: Holder, path: string): { container: Container; key: string } | undefined {
  const parts = path.split("/");
  if (parts.length < 2) return undefined;
  let at: JsonValue | undefined = holder.root;
  for (const part of parts.slice(1, -1)) {
    at = isContainer(at) ? getChild(at, decodeKey(part)) : undefined;
    if (at === undefined || at === null) return undefined;
  }
  return isContainer(at) ? { container: at, key: decodeKey(parts.at(-1) as string) } : undefined;
}

function isContainer(value: JsonValue | undefined): value is Container {
  return Array.isArray(value) || isObject(value);
}

const INDEX = /^[+-]?[0-9]+$/;

function indexIn(list: JsonArray, key: string, length = list.length): number | undefined {
  if (!INDEX.test(key)) return undefined;
  const index = Number(key);
  const fromStart = index < 0 ? index + length : index;
  return fromStart >= 0 && fromStart < length ? fromStart : undefined;
}

function getChild(container: Container, key: string): JsonValue | undefined {
  if (!Array.isArray(container)) return own(container, key);
  const index = indexIn(container, key);
  return index === undefined ? undefined : container[index];
}

function required(holder: Holder, path: string | undefined, op: string): { container: Container; key: string } {
  if (path === undefined) throw patchFailure(`${op} operation misses its path`);
  const found = locateContainer(holder, path);
  if (!found) throw patchFailure(`${op} operation does not apply: doc is missing path: ${path}`);
  return found;
}

function badIndex(key: string): Error {
  return patchFailure(`unable to access invalid index: ${key}`);
}

function addChild(container: Container, key: string, value: JsonValue): void {
  if (!Array.isArray(container)) {
    setOwn(container, key, value);
    return;
  }
  if (key === "-") {
    container.push(value);
    return;
  }
  const index = indexIn(container, key, container.length + 1);
  if (index === undefined) throw badIndex(key);
  container.splice(index, 0, value);
}

function removeChild(container: Container, key: string): void {
  if (Array.isArray(container)) {
    const index = indexIn(container, key);
    if (index === undefined) throw badIndex(key);
    container.splice(index, 1);
    return;
  }
  if (!Object.hasOwn(container, key)) throw patchFailure(`unable to remove nonexistent key: ${key}`);
  delete container[key];
}

function valueOf(operation: PatchOperation): JsonValue {
  return operation.value === undefined ? null : cloneJson(operation.value);
}

/** What `move` and `copy` take: an absent key of a mapping counts as null. */
function taken(
  holder: Holder,
  operation: PatchOperation,
): { from: { container: Container; key: string }; value: JsonValue } {
  const from = required(holder, operation.from, operation.op);
  const value = getChild(from.container, from.key);
  if (value === undefined && Array.isArray(from.container)) throw badIndex(from.key);
  return { from, value: value ?? null };
}

function countValues(value: JsonValue): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countValues(item), 1);
  return isObject(value) ? Object.values(value).reduce<number>((sum, item) => sum + countValues(item), 1) : 1;
}

const appliers: Record<string, (holder: Holder, operation: PatchOperation) => void> = {
  add: (holder, operation) => {
    const { container, key } = required(holder, operation.path, "add");
    addChild(container, key, valueOf(operation));
  },
  remove: (holder, operation) => {
    const { container, key } = required(holder, operation.path, "remove");
    removeChild(container, key);
  },
  replace: (holder, operation) => {
    if (operation.path === "") {
      const value = valueOf(operation);
      if (!isContainer(value)) throw patchFailure("replace operation value must be object or array");
      holder.root = value;
      return;
    }
    const { container, key } = required(holder, operation.path, "replace");
    if (!Array.isArray(container)) {
      setOwn(container, key, valueOf(operation));
      return;
    }
    const index = indexIn(container, key);
    if (index === undefined)
      throw patchFailure(`replace operation does not apply: doc is missing key: ${operation.path}`);
    container[index] = valueOf(operation);
  },
  move: (holder, operation) => {
    const { from, value } = taken(holder, operation);
    removeChild(from.container, from.key);
    const to = required(holder, operation.path, "move");
    addChild(to.container, to.key, value);
  },
  copy: (holder, operation) => {
    const { value } = taken(holder, operation);
    holder.copied += countValues(value);
    if (holder.copied > MAX_COPIED_VALUES) {
      throw buildFailure(`copies of more than ${MAX_COPIED_VALUES} values`, {}, "Copy less.", "LimitExceeded");
    }
    const to = required(holder, operation.path, "copy");
    addChild(to.container, to.key, cloneJson(value));
  },
  test: (holder, operation) => {
    const wanted = operation.value ?? null;
    const fail = (): Error => patchFailure(`testing value ${operation.path} failed`);
    if (operation.path === "") {
      if (!equalJson(holder.root, wanted)) throw fail();
      return;
    }
    const { container, key } = required(holder, operation.path, "test");
    const value = getChild(container, key);
    if (value === undefined && Array.isArray(container)) throw badIndex(key);
    if (!equalJson(value ?? null, wanted)) throw fail();
  },
};
