// Asks the API server about every object of a stage before the first of them is written.

import {
  type Change,
  Failure,
  type Manifest,
  asFailure,
  digString,
  formatApiVersion,
  formatFailure,
  formatRef,
} from "@plumbline/core/model";
import { type RefusedList, needsTakeover, refusedList, takeoverPatch } from "@plumbline/core/plan";
import { type ApplyContext, mapWide } from "./apply-context.ts";

/** A change that the API server would accept. */
export interface Validated {
  change: Change;
  manifest: Manifest;
  /** The object exists and its immutable fields differ: it is deleted and made anew. */
  recreate: boolean;
  /** Fields of kubectl users or older managers are taken over first. */
  takeover: boolean;
  /** A list of which the items of others are taken over as well. */
  list?: RefusedList;
  /** resourceVersion before our write; undefined for an object that does not exist. */
  before: string | undefined;
}

/** Dry-runs of one stage that are on their way at once; the client's own limit holds for all deliveries together. */
const WIDTH = 8;
/** Failures that one message lists; the rest is counted. */
const MAX_LISTED = 10;

/**
 * The changes to write, in order; objects that turn out to be left alone are marked `skip` in the plan. All refusals are
 * reported together: half a release is worse than none.
 */
export async function validateStage(changes: readonly Change[], context: ApplyContext): Promise<Validated[]> {
  const unknown = await missingKinds(changes, context);
  const rest = changes.filter((change) => !unknown.has(kindText(change)));
  const checked = await mapWide(rest, WIDTH, async (change): Promise<Validated | Failure | undefined> => {
    try {
      return await validate(change, context);
    } catch (error) {
      if (context.call.signal?.aborted) throw error;
      return inObject(asFailure(error, "ReconciliationFailed"), change);
    }
  });
  const failures = [...unknown.values(), ...checked.filter((result) => result instanceof Failure)];
  if (failures.length > 0) throw together(failures);
  return checked.filter((result): result is Validated => result !== undefined && !(result instanceof Failure));
}

function kindText(change: Change): string {
  return `${change.ref.kind} ${formatApiVersion(change.ref)}`;
}

/** One failure per kind that the API server does not have, naming its first object. */
async function missingKinds(changes: readonly Change[], context: ApplyContext): Promise<Map<string, Failure>> {
  const missing = new Map<string, Failure>();
  const present = new Set<string>();
  for (const change of changes) {
    const text = kindText(change);
    if (present.has(text) || missing.has(text)) continue;
    const { group, kind, version } = change.ref;
    if (await context.kube.discovery.find({ group, kind, version }, context.call)) {
      present.add(text);
      continue;
    }
    const other = await context.kube.discovery.find({ group, kind }, context.call);
    const hint = other
      ? `The API server has ${kind} in version ${other.version}: change apiVersion to ${formatApiVersion(other)}`
      : `Install the CustomResourceDefinition of ${kind} first: add it to this path, or use dependsOn`;
    const message = `${formatRef(change.ref)}: no matches for kind "${kind}" in version "${formatApiVersion(change.ref)}"`;
    missing.set(
      text,
      new Failure({ reason: "ReconciliationFailed", message, hint, where: { object: formatRef(change.ref) } }),
    );
  }
  return missing;
}

async function validate(change: Change, context: ApplyContext): Promise<Validated | undefined> {
  const { manifest } = change;
  if (!manifest) return undefined;
  const { kube, dialect } = context;
  // Annotations, managers and the version are mostly all that is asked of the answer.
  const isDoubtful = context.managed.isDoubtful(change.ref);
  const only = { force: true, dryRun: true, metadataOnly: !isDoubtful };
  const options = { ...context.call, fieldManager: dialect.managers.apply, ...only };
  const desired = dialect.readControls(manifest);
  try {
    const { object, created } = await kube.apply(manifest, options);
    if (created) return { change, manifest, recreate: false, takeover: false, before: undefined };
    const live = dialect.readControls(object);
    const isLeft = live.disabled || live.ssa === "Ignore" || desired.ssa === "IfNotPresent";
    if (isLeft) return skipped(change, live.disabled ? "reconcile: disabled on the object" : `ssa: ${live.ssa}`);
    const rules = { manager: dialect.managers.apply, override: context.override };
    const takeover = live.ssa !== "Merge" && needsTakeover(object, rules);
    if (isDoubtful && !takeover && context.managed.adoptSame(object, change.hash ?? "")) return kept(change);
    return { change, manifest, recreate: false, takeover, before: digString(object, "metadata", "resourceVersion") };
  } catch (error) {
    return await refused(error, change, context);
  }
}

/** An object that would be left alone anyway is no failure, and one with changed immutable fields may be recreated. */
async function refused(error: unknown, change: Change, context: ApplyContext): Promise<Validated | undefined> {
  const { kube, dialect, delivery } = context;
  const { manifest } = change;
  const live = await kube.find(change.ref, context.call).catch(() => undefined);
  if (!live || !manifest) throw error;
  const [wanted, found] = [dialect.readControls(manifest), dialect.readControls(live)];
  if (found.disabled || found.ssa === "Ignore" || wanted.ssa === "IfNotPresent") {
    return skipped(change, found.disabled ? "reconcile: disabled on the object" : "ssa says to leave it alone");
  }
  const list = refusedList(error, manifest);
  if (list && (await fitsWithout(live, { change, manifest, list }, context))) {
    const before = digString(live, "metadata", "resourceVersion");
    return { change, manifest, recreate: false, takeover: true, list, before };
  }
  if (!isImmutable(error)) throw error;
  if (!delivery.force && !wanted.force && !found.force) {
    const failure = asFailure(error, "ReconciliationFailed");
    const hint =
      "An immutable field changed: delete the object, or set spec.force: true (or the force annotation on the object) to have it recreated";
    throw new Failure({ reason: failure.reason, message: failure.message, hint, retry: failure.retry, cause: error });
  }
  return { change, manifest, recreate: true, takeover: false, before: digString(live, "metadata", "resourceVersion") };
}

/** True when the API server would accept ours in place of the items that others put into the list. */
async function fitsWithout(
  live: Manifest,
  { change, manifest, list }: { change: Change; manifest: Manifest; list: RefusedList },
  { kube, call, dialect, override }: ApplyContext,
): Promise<boolean> {
  const fieldManager = dialect.managers.apply;
  if (takeoverPatch(live, { manager: fieldManager, override, list }).length === 0) return false;
  try {
    await kube.patch(change.ref, { type: "merge", body: manifest }, { ...call, fieldManager, dryRun: true });
    return true;
  } catch (error) {
    if (call.signal?.aborted) throw error;
    return false; // the refusal of the apply says more
  }
}

function skipped(change: Change, reason: string): undefined {
  change.action = "skip";
  change.reason = reason;
}

/**
 * Not as we would send it, and yet as it would be: its kind has new defaults inside what is ours as a whole. An apply
 * would store them, change nothing that anybody can see, and move the version of every such object.
 */
function kept(change: Change): undefined {
  change.action = "keep";
  change.reason = "the API server would change nothing";
}

/** Only what really says so: a mere validation error must never delete an object. */
export function isImmutable(error: unknown): boolean {
  return (
    error instanceof Error &&
    /\b(?:field is immutable|is immutable|immutable field|may not be changed|updates to \S+ spec for fields other than)/.test(
      error.message,
    )
  );
}

/** A name that fits into no request is a mistake of the object, which a commit corrects, and none of the delivery's spec. */
function inObject(failure: Failure, change: Change): Failure {
  const object = formatRef(change.ref);
  const message = failure.message.includes(object) ? failure.message : `${object}: ${failure.message}`;
  const isName = failure.reason === "InvalidSpec";
  return new Failure({
    reason: isName ? "ReconciliationFailed" : failure.reason,
    message,
    where: { ...failure.where, object },
    retry: isName ? "backoff" : failure.retry,
    cause: failure.cause,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  });
}

function together(failures: readonly Failure[]): Failure {
  const [first] = failures;
  if (failures.length === 1 && first) return first;
  const listed = failures.slice(0, MAX_LISTED).map((failure) => formatFailure(failure));
  const more = failures.length > MAX_LISTED ? [`and ${failures.length - MAX_LISTED} more`] : [];
  return new Failure({
    reason: first?.reason ?? "ReconciliationFailed",
    message: `${failures.length} objects were refused, nothing of their stage was written:\n${[...listed, ...more].join("\n")}`,
    ...(first?.where === undefined ? {} : { where: first.where }),
    cause: failures,
  });
}
