// Writes one desired object, and leaves the fields alone that spec.ignore leaves to others.

import { type Manifest, digString, refOf } from "@plumbline/core/model";
import { type Trial, differsBeyond, leavingIgnored } from "@plumbline/core/plan";
import type { ApplyContext } from "./apply-context.ts";
import { ignoreRulesOf } from "./ignore-rules.ts";

export interface Applied {
  /** As the API server has it now. */
  object: Manifest;
  created: boolean;
  /** What was sent, or would have been. */
  sent: Manifest;
}

/** An object that somebody changes between the look at it and its dry-run is looked at this often. */
const MAX_TRIES = 5;

/**
 * Applies by force. Where the delivery ignores fields of the object, it is compared with a dry-run first, as Flux does:
 * when only ignored fields differ nothing is written, and when more does, those are left as they are. `known` is the
 * object as last seen. Throws Failure.
 */
export async function applyDesired(manifest: Manifest, context: ApplyContext, known?: Manifest): Promise<Applied> {
  const rules = ignoreRulesOf(context.delivery);
  const trial = rules?.concerns(refOf(manifest)) ? await tryApply(manifest, context, known) : undefined;
  const pointers = trial ? rules?.pointersFor(trial.dryRun) : undefined;
  if (!trial || !pointers || pointers.length === 0) return await send(manifest, context);
  const sent = leavingIgnored(manifest, pointers, trial);
  if (differsBeyond(pointers, trial)) return await send(sent, context);
  return { object: trial.live, created: false, sent };
}

async function send(manifest: Manifest, { kube, dialect, call }: ApplyContext): Promise<Applied> {
  const options = { ...call, fieldManager: dialect.managers.apply, force: true };
  return { ...(await kube.apply(manifest, options)), sent: manifest };
}

/** Undefined for an object that does not exist. */
async function tryApply(manifest: Manifest, context: ApplyContext, known?: Manifest): Promise<Trial | undefined> {
  const { kube, dialect, call } = context;
  const manager = dialect.managers.apply;
  let seen = known;
  for (let tries = 1; ; tries++) {
    const live = seen ?? (await kube.find(refOf(manifest), call));
    if (!live) return undefined;
    const options = { ...call, fieldManager: manager, force: true, dryRun: true };
    const { object: dryRun, created } = await kube.apply(manifest, options);
    if (created) return undefined;
    if (tries === MAX_TRIES || versionOf(live) === versionOf(dryRun)) return { live, dryRun, manager };
    seen = undefined;
  }
}

function versionOf(object: Manifest): string | undefined {
  return digString(object, "metadata", "resourceVersion");
}
