// JSON merge patch (RFC 7396) and JSON patch (RFC 6902).

import { equalJson, isObject, type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";

/** Applies a merge patch; nulls remove. */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  const out: JsonObject = isObject(target) ? { ...target } : {};
  for (const key of Object.keys(patch)) {
    const value = own(patch, key) ?? null;
    if (value === null) delete out[key];
    else setOwn(out, key, mergePatch(own(out, key), value));
  }
  return out;
}

/** How many operations one JSON patch may have, as on a server. */
export const maxOperations = 10_000;

/** An operation that does not fit the document. */
export class PatchError extends RangeError {}

/** Applies the operations in order. Throws `PatchError` when one fails. */
export function jsonPatch(target: JsonObject, operations: JsonValue): JsonValue {
  if (!Array.isArray(operations))
    throw new PatchError("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
  if (operations.length > maxOperations) {
    throw new PatchError(
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`,
    );
  }
  let document: JsonValue = structuredClone(target);
  for (const operation of operations) document = applyOperation(document, operation);
  return document;
}

function applyOperation(document: JsonValue, operation: JsonValue): JsonValue {
  if (!isObject(operation)) throw new PatchError("jsonpatch operation is no object");
  const path = pointer(operation.path);
  const { value } = operation;
  switch (operation.op) {
    case "add":
      return write(document, path, { value: needed(value, operation), insert: true });
    case "replace":
      if (read(document, path) === undefined) throw missing("replace", operation.path);
      return write(document, path, { value: needed(value, operation), insert: false });
    case "remove":
      if (read(document, path) === undefined) throw missing("remove", operation.path);
      return remove(document, path);
    case "test":
      if (equalJson(read(document, path) ?? null, value ?? null)) return document;
      throw new PatchError(`testing value ${String(operation.path as string)} failed: test failed`);
    case "move":
    case "copy": {
      const from = pointer(operation.from);
      const found = read(document, from);
      if (found === undefined) throw missing(operation.op, operation.from);
      const rest = operation.op === "move" ? remove(document, from) : document;
      return write(rest, path, { value: structuredClone(found), insert: true });
    }
    default:
      throw new PatchError(`Unexpected kind: ${JSON.stringify(operation.op ?? null)}`);
  }
}

function needed(value: JsonValue | undefined, operation: JsonObject): JsonValue {
  if (value === undefined) throw new PatchError(`operation ${JSON.stringify(operation.op)} has no value`);
  return value;
}

function missing(op: string, path: JsonValue | undefined): PatchError {
  const shown = JSON.stringify(path ?? "");
  return new PatchError(`${op} operation does not apply: doc is missing path: ${shown}: missing value`);
}

function pointer(path: JsonValue | undefined): string[] {
  if (path === "") return [];
  if (typeof path !== "string" || !path.startsWith("/")) throw new PatchError("path is no JSON pointer");
  return path
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function read(document: JsonValue, path: readonly string[]): JsonValue | undefined {
  let at: JsonValue | undefined = document;
  for (const key of path) {
    if (Array.isArray(at)) at = at[index(at, key, false)];
    else if (isObject(at)) at = own(at, key);
    else return undefined;
  }
  return at;
}

function index(list: JsonValue[], key: string, insert: boolean): number {
  if (key === "-") return list.length;
  if (!/^-?\d+$/.test(key)) throw new PatchError(`index ${JSON.stringify(key)} is no number`);
  const at = Number(key) < 0 ? list.length + Number(key) : Number(key);
  if (at < 0 || at > list.length || (!insert && at >= list.length)) {
    throw new PatchError(`Unable to access invalid index: ${key}: invalid index referenced`);
  }
  return at;
}

/** The document is a private copy: it is changed in place. */
function write(document: JsonValue, path: readonly string[], what: { value: JsonValue; insert: boolean }): JsonValue {
  const last = path.at(-1);
  if (last === undefined) return what.value;
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    const at = index(parent, last, what.insert);
    parent.splice(at, what.insert ? 0 : 1, what.value);
  } else if (isObject(parent)) setOwn(parent, last, what.value);
  else throw missing("add", `/${path.join("/")}`);
  return document;
}

function remove(document: JsonValue, path: readonly string[]): JsonValue {
  const last = path.at(-1);
  if (last === undefined) return null;
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) parent.splice(index(parent, last, false), 1);
  else if (isObject(parent)) delete parent[last];
  return document;
}
