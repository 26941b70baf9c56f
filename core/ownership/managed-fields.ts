// Entries of metadata.managedFields: who owns what, through which door.
// Facts: k8s.io/apimachinery pkg/util/managedfields/internal/managedfields.go.

import { dig, digString, isObject, type JsonObject, type JsonValue, own } from "@plumbline/core/model";
import { decodeFieldsV1, encodeFieldsV1, type FieldSet } from "./field-set.ts";

export type Operation = "Apply" | "Update";

/** One entry, decoded. */
export interface Ownership {
  readonly manager: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** RFC 3339, whole seconds; undefined when the entry has none. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** One entry as it stands in the object. */
export interface ManagedFieldsEntry {
  readonly manager: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fieldsV1: JsonObject;
}

/** Entries of an object as they stand there; entries that no server writes are left out. */
export function entriesOf(object: JsonObject): ManagedFieldsEntry[] {
  const list = dig(object, "metadata", "managedFields");
  if (!Array.isArray(list)) return [];
  const entries: ManagedFieldsEntry[] = [];
  for (const item of list) {
    const operation = digString(item, "operation");
    if (operation !== "Apply" && operation !== "Update") continue;
    const fieldsV1 = dig(item, "fieldsV1");
    entries.push({
      manager: digString(item, "manager") ?? "",
      operation,
      apiVersion: digString(item, "apiVersion") ?? "",
      subresource: digString(item, "subresource") ?? "",
      time: digString(item, "time"),
      fieldsV1: isObject(fieldsV1) ? fieldsV1 : {},
    });
  }
  return entries;
}

/** The entry of one manager, operation and subresource (empty: the object itself), or undefined. */
export function findEntry(
  object: JsonObject,
  manager: string,
  operation: Operation,
  subresource = "",
): ManagedFieldsEntry | undefined {
  return entriesOf(object).find(
    (e) => e.manager === manager && e.operation === operation && e.subresource === subresource,
  );
}

/**
 * Reads metadata.managedFields strictly, as a server does with what a client sends.
 * @throws SyntaxError when an entry is not one that a server writes
 */
export function decodeManagedFields(list: JsonValue | undefined): Ownership[] {
  if (!Array.isArray(list)) return [];
  return list.map((item, i) => {
    const operation = digString(item, "operation");
    if (operation !== "Apply" && operation !== "Update") throw new SyntaxError("operation must be `Apply` or `Update`");
    const apiVersion = digString(item, "apiVersion") ?? "";
    if (apiVersion === "") throw new SyntaxError("apiVersion must not be empty");
    const fieldsType = digString(item, "fieldsType") ?? "";
    if (fieldsType === "") throw new SyntaxError(`missing fieldsType in managed fields entry ${i}`);
    if (fieldsType !== "FieldsV1") {
      throw new SyntaxError(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${i}`);
    }
    return {
      manager: digString(item, "manager") ?? "",
      operation,
      apiVersion,
      subresource: digString(item, "subresource") ?? "",
      time: digString(item, "time"),
      fields: decodeFieldsV1(isObject(item) ? own(item, "fieldsV1") : undefined),
    };
  });
}

/** Writes entries as metadata.managedFields, in Kubernetes' order. */
export function encodeManagedFields(entries: readonly Ownership[]): JsonObject[] {
  return entries.toSorted(compareEntries).map((entry) => ({
    manager: entry.manager,
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    ...(entry.time === undefined ? {} : { time: entry.time }),
    fieldsType: "FieldsV1",
    fieldsV1: encodeFieldsV1(entry.fields),
    ...(entry.subresource === "" ? {} : { subresource: entry.subresource }),
  }));
}

/** Appliers first, then by time, manager, version and subresource. */
function compareEntries(a: Ownership, b: Ownership): number {
  return (
    compare(a.operation, b.operation) ||
    compare(a.time ?? "", b.time ?? "") ||
    compare(a.manager, b.manager) ||
    compare(a.apiVersion, b.apiVersion) ||
    compare(a.subresource, b.subresource)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Two entries with the same identity are one manager; an applier is the same one whatever version it applies. */
export function identityOf(entry: Omit<Ownership, "fields" | "time">): string {
  const version = entry.operation === "Apply" ? "" : entry.apiVersion;
  return JSON.stringify([entry.manager, entry.operation, version, entry.subresource]);
}
