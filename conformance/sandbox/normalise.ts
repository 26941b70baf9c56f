// Takes out of an answer what differs between two servers by nature: ids, times, versions, random names.

import { digString, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";

/** One answer, as it is compared. */
export interface NormalAnswer {
  readonly code: number;
  readonly warnings: readonly string[];
  readonly body: JsonValue;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const age = /^(\d+[smhdy])+$/;

/** What the sandbox does not say: an opaque hash of the storage version; and the prose of column descriptions. */
const unstated = new Set(["storageVersionHash"]);

/** Versions are numbered in the order a case meets them, so that an unchanged one shows. */
export class Normaliser {
  readonly #versions = new Map<string, string>();

  normalise(code: number, warnings: readonly string[], body: JsonValue): NormalAnswer {
    return { code, warnings: [...warnings].sort(), body: inOneOrder(this.#value(body, "", isList(body))) };
  }

  /** The Nth version that was met, from 1; throws RangeError when there were not so many. */
  version(number: number): string {
    const found = [...this.#versions.keys()][number - 1];
    if (found === undefined) throw new RangeError(`the case met no version ${number}`);
    return found;
  }

  #value(value: JsonValue, key: string, list: boolean): JsonValue {
    if (Array.isArray(value)) return this.#list(value, key, list);
    if (isObject(value)) return this.#map(value, key, list);
    if (typeof value === "string") return this.#text(value, key, list);
    if (key === "nodePort" && typeof value === "number") return "<port>";
    return value;
  }

  #list(value: JsonValue[], key: string, list: boolean): JsonValue {
    if (key === "clusterIPs") return value.map((ip) => (ip === "None" ? ip : "<ip>"));
    if (key === "cells")
      return value.map((cell) =>
        typeof cell === "string" && (age.test(cell) || time.test(cell)) ? "<age>" : this.#value(cell, "cell", list),
      );
    return value.map((item) => this.#value(item, key, false));
  }

  #map(value: JsonObject, key: string, list: boolean): JsonValue {
    // A bookmark's version is that of the whole store, in which two servers differ.
    if (value.type === "BOOKMARK" && isObject(value.object)) {
      const metadata = { ...(isObject(value.object.metadata) ? value.object.metadata : {}), resourceVersion: "<any>" };
      return { ...value, object: { ...value.object, metadata } };
    }
    if (key === "fieldsV1") return JSON.stringify(value);
    const isListMetadata = list && key === "metadata";
    const left = Object.entries(value).filter(
      ([name]) => !unstated.has(name) && !(name === "description" && "priority" in value),
    );
    return Object.fromEntries(
      left.map(([name, item]) => [
        name,
        isListMetadata && name === "resourceVersion" ? "<list>" : this.#value(item, name, list),
      ]),
    );
  }

  #text(value: string, key: string, list: boolean): JsonValue {
    if (key === "resourceVersion") return this.#version(value, list);
    if (key === "clusterIP" && value !== "None" && value !== "") return "<ip>";
    if (key === "continue") return "<token>";
    if (time.test(value)) return "<time>";
    return value
      .replace(/in record \(\d+\)/, "in record (<version>)")
      .replace(uuid, "<uid>")
      .replace(/\b(random|kube-api-access)-[a-z0-9]{5}\b/g, "$1-<suffix>");
  }

  #version(value: string, _list: boolean): string {
    if (value === "") return value;
    const known = this.#versions.get(value) ?? `<version ${this.#versions.size + 1}>`;
    this.#versions.set(value, known);
    return known;
  }
}

/**
 * Resources of CRDs and the causes of a refusal come in the random order of Go's maps: they are sorted, and the
 * sentence that lists the causes is cut.
 */
function inOneOrder(body: JsonValue): JsonValue {
  if (isObject(body) && body.kind === "APIResourceList" && Array.isArray(body.resources)) {
    const name = (row: JsonValue): string => digString(row, "name") ?? "";
    return { ...body, resources: body.resources.toSorted((a, b) => (name(a) < name(b) ? -1 : 1)) };
  }
  if (!isObject(body) || !isObject(body.details) || !Array.isArray(body.details.causes)) return body;
  const { causes } = body.details;
  if (causes.length < 2 || typeof body.message !== "string") return body;
  const text = (value: JsonValue): string => JSON.stringify(value);
  const sorted = causes.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
  const message = body.message.replace(/( is invalid: \[).*/s, "$1...]");
  return { ...body, message, details: { ...body.details, causes: sorted } };
}

function isList(body: JsonValue): boolean {
  return isObject(body) && (Array.isArray(body.items) || Array.isArray(body.rows));
}
