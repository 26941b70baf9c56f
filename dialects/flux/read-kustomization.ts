// Reads a Kustomization into the delivery that the engine carries out.

import {
  ALLOW_PRUNE_ANNOTATION,
  type BuildSpec,
  type Delivery,
  dig,
  digString,
  type Failure,
  type IgnoreRule,
  type InventoryEntry,
  isObject,
  type JsonObject,
  type JsonValue,
  type Manifest,
  metadataMap,
  own,
  PRUNE_GUARD_ANNOTATION,
  setOwn,
  type Substitution,
} from "@plumbline/core/model";
import { parsePointer, parseShare } from "@plumbline/core/plan";
import { kustomizationDefinition, type KustomizationSpec } from "./crds/kustomization-schema.ts";
import { parseDuration, parseInterval } from "./duration.ts";
import { decodeInventory } from "./inventory.ts";
import { headOf, invalidSpec, refuseUnsupported, specOf, type Unsupported } from "./spec-problems.ts";

/** No run gets less time than this, whatever the spec says. */
export const shortestTimeoutMs = 30_000;

/**
 * The delivery that a Kustomization (kustomize.toolkit.fluxcd.io/v1) describes, with what its status tells of earlier
 * runs; defaults are filled in, so that an object out of a file reads like one from the API server.
 * Throws Failures with retry never: InvalidSpec, and UnsupportedField for what Flux would act on and we do not.
 * One that is suspended is left as it is whatever it says, and one that is being deleted is refused only where its
 * objects are in another cluster.
 * An inventory that cannot be read is no error here: `inventoryFailure` says so, and nothing may be pruned.
 */
export function readKustomization(object: Manifest): Delivery {
  const spec = specOf(object, kustomizationDefinition) as unknown as KustomizationSpec; // checked against its schema
  const head = headOf(object);
  const { namespace } = head.origin;
  const suspended = spec.suspend ?? false;
  if (!suspended) refuseUnsupported(object, head.deleting ? unsupportedInDeletion(spec) : unsupportedFields(spec));
  const { kind, name } = spec.sourceRef;
  return {
    ...head,
    source: { kind, name, namespace: orElse(spec.sourceRef.namespace, namespace) },
    build: buildFrom(spec),
    substitution: substitutionFrom(spec, namespace),
    ...timesFrom(spec),
    suspended,
    prune: spec.prune,
    ...pruneGuardFrom(object),
    deletionPolicy: spec.deletionPolicy ?? "MirrorPrune",
    force: spec.force ?? false,
    ignore: suspended || head.deleting ? [] : ignoreFrom(object, spec),
    wait: spec.wait ?? false,
    healthChecks: (spec.healthChecks ?? []).map((check) => ({
      apiVersion: orElse(check.apiVersion, "apps/v1"),
      kind: check.kind,
      name: check.name,
      namespace: check.namespace ?? "",
    })),
    dependsOn: (spec.dependsOn ?? []).map((dependency) => ({
      kind: "Kustomization",
      name: dependency.name,
      namespace: orElse(dependency.namespace, namespace),
    })),
    serviceAccount: spec.serviceAccountName || undefined,
    ...earlierRuns(object),
  };
}

/** Empty texts count as absent, as in Go. */
function orElse(text: string | undefined, otherwise: string): string {
  return text === undefined || text === "" ? otherwise : text;
}

/** Throws InvalidSpec for a guard that cannot be read: guessing would delete what it is there to keep. */
function pruneGuardFrom(object: Manifest): Pick<Delivery, "pruneGuard" | "allowedPrune"> {
  const annotations = metadataMap(object, "annotations");
  const text = annotations[PRUNE_GUARD_ANNOTATION];
  const allowed = annotations[ALLOW_PRUNE_ANNOTATION];
  const guard = text === undefined ? undefined : text.trim() === "off" ? "off" : parseShare(text);
  if (text !== undefined && guard === undefined) {
    const field = `metadata.annotations[${PRUNE_GUARD_ANNOTATION}]`;
    throw invalidSpec(object, [{ field, message: "must be a percentage such as 30%, or off" }]);
  }
  return {
    ...(guard === undefined ? {} : { pruneGuard: guard }),
    ...(allowed === undefined ? {} : { allowedPrune: allowed }),
  };
}

/** Throws InvalidSpec for what names no field, or takes the labels away by which the objects are known as applied. */
function ignoreFrom(object: Manifest, spec: KustomizationSpec): IgnoreRule[] {
  const rules = spec.ignore ?? [];
  const problems = rules.flatMap(({ paths }, i) =>
    paths.flatMap((path, j) => {
      const message = problemOf(path);
      return message === undefined ? [] : [{ field: `spec.ignore[${i}].paths[${j}]`, message }];
    }),
  );
  if (problems.length > 0) throw invalidSpec(object, problems);
  return rules.map(({ paths, target }) => ({ paths: [...paths], target }));
}

function problemOf(path: string): string | undefined {
  const text = JSON.stringify(path.slice(0, 200));
  if (path === "") {
    return `is "", the whole object: the annotation kustomize.toolkit.fluxcd.io/reconcile: disabled leaves one alone`;
  }
  const pointer = parsePointer(path);
  if (!pointer) return `must be a JSON Pointer such as /spec/replicas ("~" is ~0 and "/" ~1 in it), is ${text}`;
  const [first, second, label = ""] = pointer;
  const isOwner = pointer.length < 3 || label.startsWith("kustomize.toolkit.fluxcd.io/");
  if (first !== "metadata" || (second !== undefined && second !== "labels") || !isOwner) return undefined;
  return `is ${text}, which takes in the labels that tell whose the object is: name the other labels one by one`;
}

function timesFrom(spec: KustomizationSpec): Pick<Delivery, "intervalMs" | "retryIntervalMs" | "timeoutMs"> {
  const { interval, retryInterval, timeout } = spec;
  const timeoutMs =
    timeout === undefined
      ? parseDuration(interval, "spec.interval") - shortestTimeoutMs
      : parseDuration(timeout, "spec.timeout");
  const intervalMs = parseInterval(interval, "spec.interval");
  return {
    intervalMs,
    retryIntervalMs: retryInterval === undefined ? intervalMs : parseInterval(retryInterval, "spec.retryInterval"),
    timeoutMs: Math.max(timeoutMs, shortestTimeoutMs),
  };
}

function buildFrom(spec: KustomizationSpec): BuildSpec {
  return {
    path: spec.path ?? "",
    targetNamespace: spec.targetNamespace,
    namePrefix: spec.namePrefix,
    nameSuffix: spec.nameSuffix,
    commonLabels: spec.commonMetadata?.labels ?? {},
    commonAnnotations: spec.commonMetadata?.annotations ?? {},
    images: (spec.images ?? []).map(plain),
    patches: (spec.patches ?? []).map(plain),
    components: spec.components ?? [],
    ignoreMissingComponents: spec.ignoreMissingComponents ?? false,
  };
}

function plain(value: object): JsonObject {
  const result: JsonObject = {};
  for (const [key, entry] of Object.entries(value) as [string, JsonValue][]) setOwn(result, key, entry);
  return result;
}

function substitutionFrom(spec: KustomizationSpec, namespace: string): Substitution | undefined {
  if (!spec.postBuild) return undefined;
  return {
    inline: spec.postBuild.substitute ?? {},
    from: (spec.postBuild.substituteFrom ?? []).map((from) => ({
      kind: from.kind,
      name: from.name,
      namespace,
      optional: from.optional ?? false,
    })),
    strategy: spec.postBuild.substituteStrategy ?? "WithVariables",
  };
}

function unsupportedFields(spec: KustomizationSpec): Unsupported[] {
  const found: Unsupported[] = [];
  const add = (field: string, hint: string): void => void found.push({ field: `spec.${field}`, hint });
  if (spec.sourceRef.kind !== "GitRepository") {
    add("sourceRef.kind", `Use a GitRepository in place of the ${spec.sourceRef.kind}`);
  }
  if (spec.decryption) add("decryption", "Bring Secrets into the cluster another way, or keep this object with Flux");
  if (spec.kubeConfig) add("kubeConfig", "Run an instance in the other cluster");
  if (spec.healthCheckExprs && spec.healthCheckExprs.length > 0) {
    add("healthCheckExprs", "Remove the expressions; the built-in checks understand conditions");
  }
  const dependency = (spec.dependsOn ?? []).findIndex(
    (entry) => entry.readyExpr !== undefined && entry.readyExpr !== "",
  );
  if (dependency >= 0) add(`dependsOn[${dependency}].readyExpr`, "Remove it; the built-in check is used then");
  if (spec.buildMetadata && spec.buildMetadata.length > 0) add("buildMetadata", "Write it into the kustomization.yaml");
  return found;
}

/** Its objects are in another cluster: those of the same names here are someone else's. */
function unsupportedInDeletion(spec: KustomizationSpec): Unsupported[] {
  return unsupportedFields(spec).filter(({ field }) => field === "spec.kubeConfig");
}

type EarlierRuns = Pick<
  Delivery,
  | "inventory"
  | "inventoryFailure"
  | "lastAppliedRevision"
  | "lastAttemptedRevision"
  | "ready"
  | "observedGeneration"
  | "handledRequestAt"
>;

function earlierRuns(object: Manifest): EarlierRuns {
  const status = isObject(object.status) ? object.status : {};
  const observed = own(status, "observedGeneration");
  return {
    ...inventoryFrom(object, dig(status, "inventory", "entries")),
    lastAppliedRevision: digString(status, "lastAppliedRevision"),
    lastAttemptedRevision: digString(status, "lastAttemptedRevision"),
    ready: isReady(own(status, "conditions")),
    observedGeneration: typeof observed === "number" ? observed : -1,
    handledRequestAt: digString(status, "lastHandledReconcileAt"),
  };
}

function isReady(conditions: JsonValue | undefined): boolean {
  if (!Array.isArray(conditions)) return false;
  return conditions.some((condition) => dig(condition, "type") === "Ready" && dig(condition, "status") === "True");
}

function inventoryFrom(
  object: Manifest,
  entries: JsonValue | undefined,
): { inventory: InventoryEntry[]; inventoryFailure: Failure | undefined } {
  const decoded = decodeInventory(object, entries);
  return Array.isArray(decoded)
    ? { inventory: decoded, inventoryFailure: undefined }
    : { inventory: [], inventoryFailure: decoded };
}
