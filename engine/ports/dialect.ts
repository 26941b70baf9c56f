// What the engine wants of a dialect: its objects to deliveries, and outcomes back to status. Pure functions.

import type {
  Delivery,
  DeliveryOutcome,
  GitSource,
  JsonObject,
  Manifest,
  NamedRef,
  ObjectControls,
  Repair,
  SourceOutcome,
} from "@plumbline/core/model";
import type { KindRef } from "./kube.ts";

/** A Kubernetes event to record on an object. */
export interface EventText {
  type: "Normal" | "Warning";
  reason: string;
  message: string;
  /** What programs read: the revision above all. */
  annotations?: Record<string, string>;
}

export interface Written {
  /** Merge patch of the object's status; undefined when it already reads so. */
  status: JsonObject | undefined;
  events: EventText[];
}

export interface Dialect {
  sourceKind: KindRef;
  deliveryKind: KindRef;
  finalizer: string;
  /** Owner of the fields that are applied, and of the status of deliveries and sources. */
  managers: { apply: string; deliveryStatus: string; sourceStatus: string };
  /** Label selector that every applied object matches. */
  ownerSelector: string;
  /** Labels that say which delivery an object belongs to. */
  ownerLabels(delivery: NamedRef): Record<string, string>;
  ownerOf(object: Manifest): NamedRef | undefined;
  /** Throws Failure. */
  readSource(object: Manifest): GitSource;
  /** Throws Failure. */
  readDelivery(object: Manifest): Delivery;
  /** The annotation that asks for a run now; each new value is one request. */
  requestOf(object: Manifest): string | undefined;
  readControls(object: Manifest): ObjectControls;
  /** What comes of applying an object that brings up a controller which does our work; undefined for all others. */
  rivalWarning(manifest: Manifest): string | undefined;
  writeSource(object: Manifest, outcome: SourceOutcome, nowMs: number): Written;
  writeDelivery(object: Manifest, outcome: DeliveryOutcome, nowMs: number): Written;
  /** A repair between runs changes no condition; it is told in events. */
  repairEvents(repair: Repair): EventText[];
}
