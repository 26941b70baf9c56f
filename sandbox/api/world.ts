// What every handler works on: the objects, the resources, time and randomness.

import type { Clock, JsonObject } from "@plumbline/core/model";
import type { Store } from "../store/store.ts";
import type { Registry, Resource } from "./registry.ts";

export interface World {
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  /** A random UUID, in lower case. */
  readonly uuid: () => string;
  /** Random letters for names, as Kubernetes picks them. */
  readonly suffix: (length: number) => string;
}

/** Who asks. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
}

/** One request for a resource, read from its path and query. */
export interface ResourceCall {
  readonly resource: Resource;
  readonly namespace: string;
  /** Empty for a collection. */
  readonly name: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly query: URLSearchParams;
  readonly user: User;
  /** Name for managedFields where the query has none. */
  readonly agent: string;
}

export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** Options that every write has. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
}

export interface Answer {
  readonly code: number;
  readonly body: JsonObject;
  readonly warnings?: readonly string[];
}
