// What the engine wants to know of maintenance windows and their kinds. Pure functions.

import type { Window, WindowState } from "@plumbline/core/gate";
import type { HeldChange, Manifest, NamedRef } from "@plumbline/core/model";
import type { Written } from "./dialect.ts";
import type { KindRef } from "./kube.ts";

export interface WindowKind extends KindRef {
  /** Name of its CustomResourceDefinition: without that there are no windows of this kind. */
  definition: string;
  isNamespaced: boolean;
}

/** Lets the changes of a delivery go in spite of the windows. */
export interface WindowOverride {
  who: string;
  reason: string;
  /** Milliseconds since the epoch. */
  until: number;
}

export interface HeldByWindow {
  delivery: NamedRef;
  revision: string | undefined;
  change: HeldChange;
}

export interface WindowReport {
  object: Manifest;
  window: Window;
  state: WindowState;
  held: readonly HeldByWindow[];
}

export interface WindowDialect {
  kinds: readonly WindowKind[];
  /** Owner of the status of windows. */
  fieldManager: string;
  /** Never throws: mistakes are in the window's `failures`. */
  readWindow(object: Manifest): Window;
  writeWindow(report: WindowReport, nowMs: number): Written;
  /** The text of an override on a delivery, to see when it changes. */
  overrideText(object: Manifest): string | undefined;
  /** Throws Failure when it cannot be read: it then overrides nothing. */
  readOverride(object: Manifest): WindowOverride | undefined;
}
