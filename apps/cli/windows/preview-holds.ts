// Which changes of a preview would wait for a window, decided as the operator decides.

import { type GateChange, gateAt, type Window } from "@plumbline/core/gate";
import {
  type Action,
  type Change,
  Failure,
  formatFailure,
  formatRef,
  type Hold,
  type Manifest,
  metadataMap,
  type ObjectRef,
  refKey,
  refOf,
} from "@plumbline/core/model";
import { heldChanges, holdChanges } from "@plumbline/core/plan";
import { type Override, readOverride } from "@plumbline/dialects/plumbline";
import type { KubeClient } from "@plumbline/edges/kube";
import { clusterWindows } from "./cluster-windows.ts";
import { foundWindow } from "./found-window.ts";

export interface PreviewGate {
  windows: readonly Window[];
  /** Zone of each by `Kind/namespace/name`, where it has one. */
  zones: ReadonlyMap<string, string>;
  delivery: GateChange["delivery"];
  /** The one that is in force. */
  override: Override | undefined;
  /** Milliseconds since the epoch. */
  now: number;
  /** What kept the windows or the override from being read. */
  warnings: string[];
}

export interface PreviewedChange {
  ref: ObjectRef;
  action: Action;
  /** Of what stands in Git; of a deletion that of the live object, for its labels. */
  manifest: Manifest;
}

/** What decides on the changes of `object`, a Kustomization. Who may not read windows is told so, and none count. */
export async function readGate(client: KubeClient, object: Manifest, now: number): Promise<PreviewGate> {
  const { kind, namespace, name } = refOf(object);
  const warnings: string[] = [];
  const warn = (failure: unknown): undefined => {
    if (!(failure instanceof Failure)) throw failure;
    warnings.push(formatFailure(failure));
  };
  const manifests = await clusterWindows(client, namespace).catch((error: unknown) => {
    if (error instanceof Failure && error.reason === "AccessDenied") return warn(error);
    throw error;
  });
  const found = (manifests ?? []).map(foundWindow);
  let override: Override | undefined;
  try {
    override = readOverride(object);
  } catch (error) {
    override = warn(error);
  }
  return {
    windows: found.map(({ window }) => window),
    zones: new Map(
      found.flatMap(({ window, zone }) => (zone === undefined ? [] : [[formatRef(window.identity), zone]])),
    ),
    delivery: { kind, namespace, name, labels: metadataMap(object, "labels") },
    override: override && override.until > now ? override : undefined,
    now,
    warnings,
  };
}

/** By `refKey`; what is free to go is not in it. */
export function holdsOf(changes: readonly PreviewedChange[], gate: PreviewGate): Map<string, Hold> {
  if (gate.override) return new Map();
  const decide = gateAt(gate.windows, gate.now);
  const planned = changes.map(({ ref, action, manifest }): Change => ({ ref, action, manifest, reason: "" }));
  const isDeletion = ({ action }: Change): boolean => action === "delete";
  const there = new Set(changes.filter(({ action }) => action !== "create").map(({ ref }) => refKey(ref)));
  const plan = {
    stages: [{ name: "objects" as const, wait: false, changes: planned.filter((change) => !isDeletion(change)) }],
    prune: planned.filter(isDeletion),
  };
  holdChanges(plan, {
    classesOf: (change) => [isDeletion(change) ? "Prune" : "Revision"],
    hold: ({ ref, manifest = {} }, changeClass) => {
      const resource = { ...ref, labels: metadataMap(manifest, "labels") };
      const decision = decide({ delivery: gate.delivery, resource, class: changeClass });
      if (decision.go) return undefined;
      const { go: _held, ...hold } = decision;
      return hold;
    },
    exists: (ref) => there.has(refKey(ref)),
  });
  return new Map(heldChanges(plan).map(({ ref, hold }) => [refKey(ref), hold]));
}
