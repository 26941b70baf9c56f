// What the engine knows of one delivery object.

import type { Delivery, Failure, Manifest, ObjectControls, ObjectRef } from "@plumbline/core/model";
import type { Trace } from "@plumbline/core/render";
import type { SourceRevision } from "../source/revision.ts";
import type { SeenObject } from "../watch/seen-object.ts";
import type { Suspect } from "../watch/tracked.ts";
import type { Fight } from "./fight.ts";

/** What rendering gave, without the objects themselves: they are rendered again when they are needed. */
export interface Rendered {
  /** Held, so that drift can be repaired from exactly these files. */
  revision: SourceRevision;
  generation: number;
  /** Hash of the variables that were substituted. */
  variables: string;
  trace: Trace;
  /** `sha256:<hex>` of the built manifests. */
  digest: string;
  objects: { key: string; ref: ObjectRef; hash: string; controls: ObjectControls }[];
}

export interface Run {
  abort: AbortController;
  /** Waiting for health, holding no slot: something newer may supersede it. */
  waiting: boolean;
  revision: string;
  /** It has a slot: before that there is nothing to tell. */
  isStarted: boolean;
  /** The status says already that this run is on its way. */
  isTold: boolean;
}

export interface DeliveryState extends SeenObject {
  key: string;
  /** Undefined when the object cannot be read. */
  delivery: Delivery | undefined;
  run: Run | undefined;
  /** The last build that was applied in full. */
  applied: Rendered | undefined;
  /** Why the last run failed or is waiting; undefined after a success. */
  failure: Failure | undefined;
  /** Runs in a row that ended because the cluster was away. */
  outages: number;
  /** Objects to repair, by key. */
  suspects: Map<string, Suspect>;
  /** What was put right lately, and may be fought over, by object key. */
  fights: Map<string, Fight>;
  /** Ends the subscriptions to substitution sources, by `Kind/namespace/name`. */
  subscriptions: Map<string, () => void>;
}

export function newDeliveryState(key: string, object: Manifest, marks: string): DeliveryState {
  return {
    key,
    object,
    marks,
    delivery: undefined,
    run: undefined,
    applied: undefined,
    failure: undefined,
    outages: 0,
    suspects: new Map(),
    fights: new Map(),
    subscriptions: new Map(),
  };
}
