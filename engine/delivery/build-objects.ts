// Files and variables -> the desired objects of a delivery.

import type { Delivery, Variables } from "@plumbline/core/model";
import type { Desired } from "@plumbline/core/plan";
import type { Trace } from "@plumbline/core/render";
import type { Ports, Snapshot } from "../ports/index.ts";
import { desiredObjects } from "./desired-objects.ts";
import { renderDelivery } from "./render-delivery.ts";

export interface BuildInput {
  delivery: Delivery;
  variables: Variables | undefined;
  ports: Pick<Ports, "kube" | "dialect" | "sha256" | "clock">;
  signal: AbortSignal;
}

export interface BuiltObjects {
  trace: Trace;
  /** `sha256:<hex>` of the built manifests. */
  digest: string;
  desired: Desired[];
}

/** Throws Failure. */
export async function buildObjects(input: BuildInput, snapshot: Snapshot): Promise<BuiltObjects> {
  const { delivery, variables, signal } = input;
  const { kube, dialect, sha256, clock } = input.ports;
  const { manifests, trace, digest } = await renderDelivery(snapshot, delivery, { variables, sha256, clock });
  return { trace, digest, desired: await desiredObjects(manifests, { kube, dialect, sha256, delivery, signal }) };
}
