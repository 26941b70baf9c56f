// What became of a run: the one value that conditions, events, metrics and messages are made from.

import type { Artifact, InventoryEntry } from "./delivery.ts";
import type { Failure } from "./failure.ts";
import type { ObjectRef } from "./manifest.ts";
import type { HeldChange } from "./plan.ts";

/** What was really done to an object. `unchanged` objects are not listed. */
export interface Done {
  ref: ObjectRef;
  did: "created" | "configured" | "deleted" | "recreated";
}

/** Someone else changed a managed object and it was put right. */
export interface Repair {
  ref: ObjectRef;
  /** `modified`: a field we own differed; `deleted`: it was gone. */
  what: "modified" | "deleted";
  /** Field managers that wrote it, when they can be told. */
  managers: string[];
  /** Fields that differed, as paths; values are never named. */
  fields: string[];
  /** Milliseconds between the watch event and the API server's answer to the repair. */
  afterMs: number;
}

/**
 * What people should know of a delivery that does what it should all the same: a condition of its own, which goes away
 * with its cause.
 */
export interface Notice {
  /** Condition type: `Contested` for what others want too, `HandingOver` for objects that wait for their new owner, `Held` for what waits for a window, `Override` for who overrides windows. */
  type: "Contested" | "HandingOver" | "Held" | "Override";
  /** `True` unless told. */
  status?: "False";
  /** Condition reason. */
  reason: "ClaimedTwice" | "FoughtOver" | "WaitingForTaker" | "MaintenanceWindow" | "Active" | "Invalid";
  /** One sentence with the next step, the same as long as its cause is. */
  message: string;
}

/** What stands on a delivery about going in spite of the windows. */
export type Overriding =
  | { state: "active"; who: string; reason: string; /** RFC 3339 */ until: string }
  /** Its time is over, or nobody overrides any more. */
  | { state: "ended" }
  | { state: "refused"; failure: Failure };

export interface RunFacts {
  /** Revision that the run was for; undefined when it never got that far. */
  revision: string | undefined;
  /** `sha256:<hex>` of the built manifests; undefined when nothing was built. */
  digest: string | undefined;
  /** The inventory to record; undefined leaves the recorded one. */
  inventory: InventoryEntry[] | undefined;
  done: Done[];
  repairs: Repair[];
  durationMs: number;
  /** The request annotation that this run answers. */
  requestedAt: string | undefined;
  /** What this revision brings that does no harm but is hardly meant. */
  warnings?: readonly Warning[];
  /** All there are; undefined leaves the recorded ones. */
  notices?: readonly Notice[];
  /** Recorded ones of these types stay although they are not among the notices: it is too early to tell. */
  keptNotices?: readonly Notice["type"][];
}

/** One event: what it is about, and a sentence per object, in lines. */
export interface Warning {
  reason: "UnknownField" | "RivalController";
  message: string;
}

export type DeliveryOutcome =
  /** Everything was applied, and found healthy where that was asked for. */
  | (RunFacts & { kind: "applied"; checkedHealth: boolean })
  /** What may go was applied; the rest waits for a window: neither failed nor done. */
  | (RunFacts & { kind: "held"; held: readonly HeldChange[]; checkedHealth: boolean })
  /** The run ended with a failure. With `retry: "never"` it is stalled. */
  | (RunFacts & {
      kind: "failed";
      failure: Failure;
      /** set when it failed while waiting for health */ unhealthy: boolean;
    })
  /** The run goes on and has already taken a while. */
  | (RunFacts & { kind: "progressing"; step: string })
  /** It stands still: what was asked for is answered, and a Ready state counts for the suspended spec too. */
  | (RunFacts & { kind: "suspended" })
  /** No run: only the notices are other ones than before. */
  | (RunFacts & { kind: "noted" })
  /** The object is being deleted and everything of it was dealt with: the finalizer can go. */
  | (RunFacts & { kind: "finalized" });

export type SourceOutcome =
  | {
      kind: "fetched";
      revision: string;
      artifact: Artifact | undefined;
      commitSubject: string | undefined;
      requestedAt: string | undefined;
    }
  | { kind: "failed"; failure: Failure; requestedAt: string | undefined }
  /** It is polled no more; what it fetched last still serves. */
  | { kind: "suspended"; requestedAt: string | undefined }
  | { kind: "finalized" };
