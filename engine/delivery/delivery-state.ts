// What the engine knows of one delivery object.

import type {
  Delivery,
  Failure,
  HeldChange,
  Manifest,
  ObjectControls,
  ObjectRef,
  Overriding,
  RunFacts,
} from "@plumbline/core/model";
import type { Trace } from "@plumbline/core/render";
import type { SourceRevision } from "../source/revision.ts";
import type { SeenObject } from "../watch/seen-object.ts";
import type { Suspect } from "../watch/tracked.ts";
import type { Fight } from "./fight.ts";
import type { Built } from "./newest-builds.ts";

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
  /** Waiting for health: something newer may supersede it. */
  waiting: boolean;
  revision: string;
  /** It has something to do: before that there is nothing to tell. */
  isStarted: boolean;
  /** The status says already that this run is on its way. */
  isTold: boolean;
  /** What it would tell if it ended now; undefined before it begins. */
  facts: RunFacts | undefined;
}

/** An object that another delivery keeps. */
export interface Lost {
  ref: ObjectRef;
  /** Key of the delivery that keeps it. */
  owner: string;
}

/** An object that stays for another delivery to take. */
export interface Handing {
  ref: ObjectRef;
  /** Key of the delivery that is to take it. */
  taker: string;
  /** What the taker looked like when that was found. */
  mark: string;
  /** Monotonic milliseconds. */
  sinceMs: number;
}

export interface DeliveryState extends SeenObject {
  key: string;
  /** Undefined when the object cannot be read. */
  delivery: Delivery | undefined;
  /** The object that `delivery` was read from. */
  readFrom: Manifest | undefined;
  run: Run | undefined;
  /** The last build that was written, as far as nothing of it is held. */
  applied: Rendered | undefined;
  /** Older builds of which objects are still there, because newer ones are held; held as `applied`, the newest first. */
  olds: Rendered[];
  /** What waits for windows; undefined until the first plan after a start. */
  held: readonly HeldChange[] | undefined;
  heldRevision: string | undefined;
  /** Who overrides the windows, as last told. */
  overriding: Overriding | undefined;
  /** The attempt to build the last applied revision again that failed, and would again. */
  noLastGood: string;
  /** Why the last run failed or is waiting; undefined after a success. */
  failure: Failure | undefined;
  /** Runs in a row that ended because the cluster was away. */
  outages: number;
  /** Objects to repair, by key. */
  suspects: Map<string, Suspect>;
  /** What it wants at the newest revision of its source, applied or not. */
  built: Built | undefined;
  /** The same at a revision that its source will get to: the one of another source with the same address. */
  foreseen: Built | undefined;
  /** Objects that it wants and another delivery keeps, by key. */
  lost: ReadonlyMap<string, Lost>;
  /** Objects that it no longer wants and another delivery is to take, by key. */
  handing: ReadonlyMap<string, Handing>;
  /** The revision and generation whose warnings were told. */
  warnedOf: string;
  /** What was put right lately, and may be fought over, by object key. */
  fights: Map<string, Fight>;
  /** Ends the subscriptions to substitution sources, by `Kind/namespace/name`. */
  subscriptions: Map<string, () => void>;
}

/** Generations may come once more, with another spec: what was built of them counts no more. */
export function forgetGenerations(state: DeliveryState): void {
  state.built = state.foreseen = undefined;
  for (const build of [...(state.applied ? [state.applied] : []), ...state.olds]) build.generation = -1;
}

export function newDeliveryState(key: string, object: Manifest, marks: string): DeliveryState {
  return {
    key,
    object,
    marks,
    delivery: undefined,
    readFrom: undefined,
    run: undefined,
    applied: undefined,
    olds: [],
    held: undefined,
    heldRevision: undefined,
    overriding: undefined,
    noLastGood: "",
    failure: undefined,
    outages: 0,
    suspects: new Map(),
    built: undefined,
    foreseen: undefined,
    lost: new Map(),
    handing: new Map(),
    warnedOf: "",
    fights: new Map(),
    subscriptions: new Map(),
  };
}
