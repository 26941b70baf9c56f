// Reads Kubernetes objects in protobuf, which kubectl and other Go clients send for built-in kinds.
// Facts: k8s.io/apimachinery pkg/runtime/serializer/protobuf; field numbers of k8s.io/api.

import { type JsonObject, type JsonValue, setOwn, formatTime } from "@plumbline/core/model";
import { itemType, namedType, type TypeNode } from "@plumbline/core/schema";
import { formatMicroTime } from "./timestamp.ts";

export const protobufType = "application/vnd.kubernetes.protobuf";
const magic = [0x6b, 0x38, 0x73, 0x00]; // "k8s" and a zero
const maxDepth = 100;

/** One field as it stands in the bytes. */
interface Raw {
  readonly number: number;
  readonly varint: bigint;
  readonly bytes: Uint8Array | undefined;
}

/**
 * The object in the envelope, with apiVersion and kind. `typeOf` gives the type of a kind.
 * @throws SyntaxError when the bytes are no such object
 */
export function readProtobuf(
  bytes: Uint8Array,
  typeOf: (apiVersion: string, kind: string) => TypeNode | undefined,
): JsonObject {
  if (magic.some((byte, i) => bytes[i] !== byte)) throw new SyntaxError("the body has no protobuf envelope");
  const envelope = readFields(bytes.subarray(magic.length));
  const meta = readFields(bytesOf(envelope, 1));
  const apiVersion = textOf(bytesOf(meta, 1));
  const kind = textOf(bytesOf(meta, 2));
  const type = typeOf(apiVersion, kind) ?? namedType(`meta.v1.${kind}`);
  if (!type)
    throw new SyntaxError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  return { apiVersion, kind, ...readMessage(type, bytesOf(envelope, 2), maxDepth) };
}

function bytesOf(fields: readonly Raw[], number: number): Uint8Array {
  return fields.find((field) => field.number === number)?.bytes ?? new Uint8Array();
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function readFields(bytes: Uint8Array): Raw[] {
  const fields: Raw[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new SyntaxError("the protobuf message is cut off");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new SyntaxError("a protobuf number is too long");
  };
  const take = (length: number): Uint8Array => {
    if (length < 0 || at + length > bytes.length) throw new SyntaxError("the protobuf message is cut off");
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case 0:
        fields.push({ number, varint: varint(), bytes: undefined });
        break;
      case 1:
        fields.push({ number, varint: 0n, bytes: take(8) });
        break;
      case 2:
        fields.push({ number, varint: 0n, bytes: take(Number(varint())) });
        break;
      default:
        throw new SyntaxError(`protobuf wire type ${tag & 7} is not used by Kubernetes`);
    }
  }
  return fields;
}

/** The field of a type that a number names, or the embedded struct it leads into. */
function readMessage(node: TypeNode, bytes: Uint8Array, depth: number): JsonObject {
  const out: JsonObject = {};
  readInto(out, { node, prefix: [], depth }, bytes);
  return out;
}

interface Level {
  readonly node: TypeNode;
  /** Numbers of the embedded structs that lead here. */
  readonly prefix: readonly number[];
  readonly depth: number;
}

function readInto(out: JsonObject, { node, prefix, depth }: Level, bytes: Uint8Array): void {
  if (depth === 0) throw new SyntaxError("the protobuf message nests too deep");
  for (const raw of readFields(bytes)) {
    const path = [...prefix, raw.number];
    let isEmbedded = false;
    for (const field of node.fields?.values() ?? []) {
      if (!path.every((number, i) => field.protobuf[i] === number)) continue;
      if (field.protobuf.length > path.length) {
        isEmbedded = true;
        continue;
      }
      addValue(out, field.name, { type: field.type, raw, depth: depth - 1 });
      isEmbedded = false;
      break;
    }
    if (isEmbedded && raw.bytes) readInto(out, { node, prefix: path, depth: depth - 1 }, raw.bytes);
  }
}

interface Slot {
  readonly type: TypeNode;
  readonly raw: Raw;
  readonly depth: number;
}

function addValue(out: JsonObject, name: string, { type, raw, depth }: Slot): void {
  if (type.type === "array") {
    const list = out[name];
    const item = readValue({ type: itemType(type), raw, depth });
    out[name] = Array.isArray(list) ? [...list, item] : [item];
  } else if (type.extra && !type.fields) {
    const present = out[name];
    const map = typeof present === "object" && present !== null && !Array.isArray(present) ? present : {};
    const entry = readFields(raw.bytes ?? new Uint8Array());
    const value = entry.find((field) => field.number === 2) ?? { number: 2, varint: 0n, bytes: new Uint8Array() };
    setOwn(map, textOf(bytesOf(entry, 1)), readValue({ type: type.extra, raw: value, depth }));
    out[name] = map;
  } else out[name] = readValue({ type, raw, depth });
}

function readValue({ type, raw, depth }: Slot): JsonValue {
  const bytes = raw.bytes ?? new Uint8Array();
  const special = readSpecial(type, bytes);
  if (special !== undefined) return special;
  switch (type.type) {
    case "string":
      return type.format === "byte" ? bytes.toBase64() : textOf(bytes);
    case "boolean":
      return raw.varint !== 0n;
    case "integer":
      return numberOf(raw.varint);
    case "number":
      return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat64(0, true);
    default:
      return readMessage(type, bytes, depth);
  }
}

function numberOf(value: bigint): JsonValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Types whose message is not what their JSON looks like. */
function readSpecial(type: TypeNode, bytes: Uint8Array): JsonValue | undefined {
  if (type.format === "quantity") return textOf(bytesOf(readFields(bytes), 1));
  if (type.format === "int-or-string") {
    const fields = readFields(bytes);
    const isText = fields.some((field) => field.number === 1 && field.varint === 1n);
    return isText ? textOf(bytesOf(fields, 3)) : numberOf(fields.find((field) => field.number === 2)?.varint ?? 0n);
  }
  switch (type.name) {
    case "meta.v1.Time":
    case "meta.v1.MicroTime": {
      const fields = readFields(bytes);
      const part = (number: number): number => Number(fields.find((field) => field.number === number)?.varint ?? 0n);
      const ms = part(1) * 1000 + Math.floor(part(2) / 1e6);
      return type.name === "meta.v1.Time" ? formatTime(ms) : formatMicroTime(ms);
    }
    case "meta.v1.FieldsV1":
    case "runtime.RawExtension":
    case "apiextensions.v1.JSON":
      return JSON.parse(textOf(bytesOf(readFields(bytes), 1)) || "null") as JsonValue;
    default:
      return undefined;
  }
}
