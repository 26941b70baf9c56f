// After a restart whose newest revision fails: what was applied last is built again, so that its drift is put right.

import { asFailure, type Delivery, refKey, type Variables } from "@plumbline/core/model";
import { commitOfRevision } from "@plumbline/core/source";
import type { Desired } from "@plumbline/core/plan";
import { type ApplyContext, watchable } from "./apply-context.ts";
import { isAsDesired } from "./as-desired.ts";
import { ignoreRulesOf } from "./ignore-rules.ts";
import { buildObjects } from "./build-objects.ts";
import type { DeliveryState, Rendered } from "./delivery-state.ts";
import type { Ports } from "../ports/index.ts";
import type { SourceRevision } from "../source/revision.ts";
import { keptObject } from "../watch/kept-object.ts";

export interface LastGoodInput {
  state: DeliveryState;
  delivery: Delivery;
  /** The revision that failed; the one before is of the same source. */
  revision: SourceRevision;
  variables: Variables | undefined;
  signal: AbortSignal;
  ports: Ports;
  context: ApplyContext;
}

/**
 * Takes the last applied revision as what is applied, where the cache still has it and it builds. Only objects that are
 * just as it wants them count: the others may be of the failed revision, which tries again. Nothing is written.
 */
export async function takeLastGood(input: LastGoodInput): Promise<void> {
  const { state, delivery, ports } = input;
  const recorded = delivery.lastAppliedRevision;
  const commit = recorded === undefined ? undefined : commitOfRevision(recorded);
  if (state.applied || recorded === undefined || commit === undefined) return;
  const attempt = ports.sha256(JSON.stringify([recorded, delivery.origin.generation, input.variables ?? null]));
  if (state.noLastGood === attempt) return;
  const revision = input.revision.at({ revision: recorded, commit });
  try {
    await revision.hold();
  } catch {
    return; // the cache does not have it any more: only the next good revision helps
  }
  try {
    state.applied = await adopted(input, revision);
  } catch (error) {
    revision.drop();
    if (input.signal.aborted) throw error;
    if (asFailure(error).reason !== "ClusterUnreachable") state.noLastGood = attempt;
    ports.log.info("the last good revision cannot be built again", { kustomization: state.key, revision: recorded });
  }
}

async function adopted(input: LastGoodInput, revision: SourceRevision): Promise<Rendered> {
  const { delivery, variables, ports, signal, context } = input;
  const built = await revision.with((snapshot) => buildObjects({ delivery, variables, ports, signal }, snapshot));
  const refs = built.desired.map(({ ref }) => ref);
  await context.managed.ensure(await watchable(refs, ports.kube, signal), {
    ...context.call,
    timeoutMs: delivery.timeoutMs,
  });
  for (const desired of built.desired) adopt(desired, context);
  const objects = built.desired.map(({ ref, hash, controls }) => ({ key: refKey(ref), ref, hash, controls }));
  const { trace, digest } = built;
  // No generation: the next run must plan, whatever it finds unchanged.
  return { revision, generation: -1, variables: "", trace, digest, objects };
}

function adopt({ ref, manifest, hash }: Desired, context: ApplyContext): void {
  const tracked = context.managed.get(refKey(ref));
  if (!tracked?.exists || tracked.baseline || tracked.live === undefined) return;
  const rules = { ...context, ignored: ignoreRulesOf(context.delivery) };
  if (isAsDesired(manifest, keptObject(tracked.live), rules)) context.managed.adopt(tracked, hash);
}
