// The form of an API case: a small play of requests in a namespace of its own.

import type { JsonValue } from "@plumbline/core/model";

export interface ApiStep {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `{ns}` stands for the namespace of the case. */
  readonly path: string;
  readonly body?: JsonValue;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Asked again while it answers this code: a real server learns of new roles and bindings a moment later. */
  readonly whileCode?: number;
  /** For a watch: how many events are read before it is left. */
  readonly events?: number;
}

export interface ApiCase {
  /** A sentence; unique. */
  readonly name: string;
  readonly steps: readonly ApiStep[];
}

export const applyType = "application/apply-patch+yaml";
export const mergeType = "application/merge-patch+json";
export const strategicType = "application/strategic-merge-patch+json";
export const jsonPatchType = "application/json-patch+json";

export function get(path: string, more: Partial<ApiStep> = {}): ApiStep {
  return { method: "GET", path, ...more };
}

/** Reads a number of events of a watch; `{version N}` in the path is the Nth version that the case met. */
export function watch(path: string, events: number, more: Partial<ApiStep> = {}): ApiStep {
  return { method: "GET", path: `${path}${path.includes("?") ? "&" : "?"}watch=true`, events, ...more };
}

export function post(path: string, body: JsonValue, more: Partial<ApiStep> = {}): ApiStep {
  return { method: "POST", path, body, ...more };
}

export function put(path: string, body: JsonValue, more: Partial<ApiStep> = {}): ApiStep {
  return { method: "PUT", path, body, ...more };
}

export function remove(path: string, body?: JsonValue): ApiStep {
  return { method: "DELETE", path, ...(body === undefined ? {} : { body }) };
}

/** Server-side apply as `flux`, by force, unless the path says otherwise. */
export function apply(path: string, body: JsonValue, more: Partial<ApiStep> = {}): ApiStep {
  const query = path.includes("?") ? "" : "?fieldManager=flux&force=true";
  return { method: "PATCH", path: path + query, body, contentType: applyType, ...more };
}

export function patch(path: string, contentType: string, body: JsonValue): ApiStep {
  return { method: "PATCH", path, body, contentType };
}
