// What every dialect's objects are translated to: a source of files and a delivery of some of them to a cluster.

import type { Failure } from "./failure.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { ObjectRef } from "./manifest.ts";

/** The Kubernetes object that a source or delivery was read from. */
export interface Origin extends ObjectRef {
  uid: string;
  generation: number;
  resourceVersion: string;
}

/** Names another source or delivery of the same cluster. */
export interface NamedRef {
  kind: string;
  namespace: string;
  name: string;
}

/** A Secret or ConfigMap in the namespace of the object that refers to it. */
export interface DataRef {
  kind: "Secret" | "ConfigMap";
  namespace: string;
  name: string;
  /** Its absence, or that of a key in it, is no error. */
  optional: boolean;
}

/** Which commit of a Git repository; later fields win over earlier ones (Flux: spec.ref). */
export interface GitRef {
  branch?: string;
  tag?: string;
  semver?: string;
  /** A full reference name such as `refs/pull/420/head`. */
  name?: string;
  commit?: string;
}

export interface GitSource {
  origin: Origin;
  kind: "GitRepository";
  url: string;
  ref: GitRef;
  /** Where the credentials are; undefined for anonymous access. */
  secret: DataRef | undefined;
  /** Ignore patterns in .gitignore syntax that replace the default ones; undefined keeps the defaults. */
  ignore: string | undefined;
  intervalMs: number;
  timeoutMs: number;
  suspended: boolean;
  deleting: boolean;
  /** Value of the annotation that asks for a run now; each new value is one request. */
  requestedAt: string | undefined;
}

/** How manifests are built; kustomize's own field shapes are kept as they stand in the spec. */
export interface BuildSpec {
  path: string;
  targetNamespace: string | undefined;
  namePrefix: string | undefined;
  nameSuffix: string | undefined;
  commonLabels: Record<string, string>;
  commonAnnotations: Record<string, string>;
  images: JsonObject[];
  patches: JsonObject[];
  components: string[];
  ignoreMissingComponents: boolean;
}

export interface Substitution {
  inline: Record<string, string>;
  from: DataRef[];
  /** `WithVariables` leaves everything as it is when no variable is defined at all. */
  strategy: "WithVariables" | "Always";
}

/** One line of an inventory: which object, at which API version it was applied. */
export type InventoryEntry = ObjectRef;

export interface HealthCheckRef extends NamedRef {
  apiVersion: string;
}

/** Which objects are meant, as kustomize selects them: anchored regular expressions of Go, and label selectors. */
export interface TargetSelector {
  group?: string;
  version?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  labelSelector?: string;
  annotationSelector?: string;
}

/** Fields that others may change. */
export interface IgnoreRule {
  /** JSON Pointers (RFC 6901). */
  paths: string[];
  /** Undefined: all objects of the delivery. */
  target: TargetSelector | undefined;
}

export interface Delivery {
  origin: Origin;
  source: NamedRef;
  build: BuildSpec;
  substitution: Substitution | undefined;
  intervalMs: number;
  /** After a failure; Flux waits this long instead of backing off. */
  retryIntervalMs: number;
  /** For the validation, the apply and the health of one run. */
  timeoutMs: number;
  suspended: boolean;
  deleting: boolean;
  prune: boolean;
  /** Part of the inventory that one run may delete, from 0 to 1; undefined: as the operator says. */
  pruneGuard?: number | "off";
  /** Token of the deletion that may go in spite of the guard. */
  allowedPrune?: string;
  deletionPolicy: "MirrorPrune" | "Delete" | "WaitForTermination" | "Orphan";
  /** Recreate objects whose immutable fields changed. */
  force: boolean;
  /** Fields that are not put right, and are left as they are when something else of their object is written. */
  ignore: IgnoreRule[];
  /** Wait for everything that was applied; `healthChecks` do not count then. */
  wait: boolean;
  healthChecks: HealthCheckRef[];
  dependsOn: NamedRef[];
  /** ServiceAccount in the delivery's namespace whose rights are used for everything; undefined uses our own. */
  serviceAccount: string | undefined;
  requestedAt: string | undefined;

  // What the status says of earlier runs.
  inventory: InventoryEntry[];
  /** Set when the recorded inventory cannot be read: nothing may be pruned then. */
  inventoryFailure: Failure | undefined;
  lastAppliedRevision: string | undefined;
  lastAttemptedRevision: string | undefined;
  ready: boolean;
  observedGeneration: number;
  handledRequestAt: string | undefined;
}

/** Values of a substitution source, by key. */
export type Variables = Record<string, string>;

/** A Kubernetes object's own annotations and labels that steer how we treat it. */
export interface ObjectControls {
  ssa: "Override" | "Merge" | "IfNotPresent" | "Ignore";
  /** Recreate when an immutable field changed. */
  force: boolean;
  /** Never delete. */
  keep: boolean;
  /** Leave alone altogether. */
  disabled: boolean;
}

/** The status of a stored artifact, as `status.artifact` of a source has it. */
export interface Artifact {
  path: string;
  url: string;
  revision: string;
  digest: string;
  sizeBytes: number;
  /** RFC 3339 */
  lastUpdateTime: string;
  metadata?: Record<string, JsonValue>;
}
