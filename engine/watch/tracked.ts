// What is remembered of a managed object: never the object itself, once its delivery has looked at it.

import type { Health } from "@plumbline/core/health";
import type { Manifest, ObjectRef } from "@plumbline/core/model";
import type { KeptObject } from "./kept-object.ts";

/** The state that our last write, or finding it clean, left behind. */
export interface Baseline {
  desiredHash: string;
  resourceVersion: number;
  fingerprint: string;
}

export interface Tracked {
  key: string;
  ref: ObjectRef;
  /** Key of the delivery that it belongs to by label. */
  owner: string;
  exists: boolean;
  uid: string;
  resourceVersion: number;
  fingerprint: string;
  health: Health;
  baseline: Baseline | undefined;
  /** The object as last seen, kept only until its delivery has compared it with what is desired. */
  live: KeptObject | undefined;
  /** Its watch tells everything anew: the version that was known then, and whether it has come up since. */
  recount?: { version: number; isSeen: boolean } | undefined;
  /** Our write is on its way; the latest event waits for its answer. */
  writing: boolean;
  deferred: { type: "added" | "modified" | "deleted"; object: Manifest } | undefined;
}

/** Something touched what we own; one real apply will tell whether it matters. */
export interface Suspect {
  tracked: Tracked;
  what: "modified" | "deleted";
  /** The object of the event; undefined for deletions. */
  live: Manifest | undefined;
  /** Monotonic time at which the event arrived. */
  sinceMs: number;
}
