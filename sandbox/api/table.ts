// Tables: what `kubectl get` prints.
// Facts: k8s.io/apiserver pkg/endpoints/handlers/response.go, k8s.io/kubernetes pkg/printers/internalversion.

import { dig, digString, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { builtinColumns, type Column } from "../kinds/columns.ts";
import { age } from "../objects/age.ts";
import { readJsonPath } from "../objects/json-path.ts";
import { partialObject } from "./present.ts";
import type { Resource } from "./registry.ts";

/** How rows carry their object. */
export type IncludeObject = "None" | "Metadata" | "Object";

export interface TableRequest {
  readonly resource: Resource;
  readonly include: IncludeObject;
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
}

/** A Table of objects; `metadata` is that of the list. */
export function tableObject(request: TableRequest, objects: readonly JsonObject[], metadata: JsonObject): JsonObject {
  const columns = columnsOf(request.resource);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: columns.map(definition),
    rows: objects.map((object) => row(request, columns, object)),
  };
}

function definition({ name, type, format, description, priority }: Column): JsonObject {
  return { name, type, format: format ?? "", description: description ?? "", priority: priority ?? 0 };
}

function row({ include, now }: TableRequest, columns: readonly Column[], object: JsonObject): JsonObject {
  const cells = columns.map((column) => column.cell(object, now));
  if (include === "None") return { cells, object: null };
  return { cells, object: include === "Object" ? object : partialObject(object) };
}

const nameColumn: Column = {
  name: "Name",
  type: "string",
  format: "name",
  description:
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
  cell: (object) => digString(object, "metadata", "name") ?? "",
};

const ageColumn: Column = {
  name: "Age",
  type: "date",
  description: "",
  cell: (object, now) => age(digString(object, "metadata", "creationTimestamp"), now),
};

function columnsOf(resource: Resource): readonly Column[] {
  if (resource.custom) return customColumns(resource.custom.entry);
  return [nameColumn, ...(builtinColumns[resource.id] ?? [{ ...ageColumn, name: "Created At" }])];
}

function customColumns(entry: JsonObject): Column[] {
  const given = dig(entry, "additionalPrinterColumns");
  if (!Array.isArray(given) || given.length === 0) return [nameColumn, ageColumn];
  return [nameColumn, ...given.filter(isObject).map(customColumn)];
}

function customColumn(column: JsonObject): Column {
  const path = digString(column, "jsonPath") ?? "";
  const type = digString(column, "type") ?? "string";
  return {
    name: digString(column, "name") ?? "",
    type,
    format: digString(column, "format") ?? "",
    description: digString(column, "description") ?? `Custom resource definition column (in JSONPath format): ${path}`,
    priority: typeof column.priority === "number" ? column.priority : 0,
    cell: (object, now) => customCell(readJsonPath(object, path), type, now),
  };
}

function customCell(value: JsonValue | undefined, type: string, now: number): JsonValue {
  if (value === undefined || value === null) return null;
  if (type === "date") return typeof value === "string" ? age(value, now) : "<invalid>";
  if (type === "string") return typeof value === "string" ? value : JSON.stringify(value);
  return value;
}
