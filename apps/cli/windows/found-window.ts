// A maintenance window as the commands show it: its manifest, what it means, what it says at a time.

import type { CrdDefinition } from "@plumbline/core/crd";
import { type Freeze, stateAt, type Window } from "@plumbline/core/gate";
import { dig, type Failure, type Manifest } from "@plumbline/core/model";
import {
  clusterMaintenanceWindowDefinition,
  maintenanceWindowDefinition,
  readWindow,
} from "@plumbline/dialects/plumbline";
import { readZoneOf } from "./read-time.ts";

export interface FoundWindow {
  manifest: Manifest;
  window: Window;
  /** Undefined when the spec gives none that exists. */
  zone: string | undefined;
  /** The mistakes with more about their place, where it is known. */
  mistakes?: readonly Failure[];
}

/** Those of the whole cluster first. */
export const windowKinds: readonly CrdDefinition[] = [clusterMaintenanceWindowDefinition, maintenanceWindowDefinition];

export type WindowWord = "open" | "closed" | "frozen" | "stalled";

/** Times in milliseconds since the epoch. */
export interface WindowAt {
  found: FoundWindow;
  word: WindowWord;
  now: number;
  since: number | undefined;
  nextOpen: number | undefined;
  nextClose: number | undefined;
  freeze: Freeze | undefined;
  mistakes: readonly Failure[];
  /** How many changes wait for it, as the operator says; undefined when nobody said. */
  held: number | undefined;
}

export function foundWindow(manifest: Manifest): FoundWindow {
  const window = readWindow(manifest);
  return { manifest, window, zone: readZoneOf(dig(manifest, "spec", "timeZone")) };
}

/** What the window says at `now`, whatever an operator made of it. */
export function windowAt(found: FoundWindow, now: number): WindowAt {
  const { failures } = found.window;
  const { open, since, nextOpen, nextClose, freeze } = stateAt(found.window, now);
  const word = failures.length > 0 ? "stalled" : open ? "open" : freeze ? "frozen" : "closed";
  return {
    found,
    word,
    now,
    since,
    nextOpen,
    nextClose,
    freeze,
    mistakes: found.mistakes ?? failures,
    held: heldBy(found.manifest),
  };
}

function heldBy(manifest: Manifest): number | undefined {
  const count = dig(manifest, "status", "heldCount");
  return typeof count === "number" ? count : undefined;
}
