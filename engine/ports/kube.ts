// What the engine wants of a Kubernetes client; @plumbline/edges/kube fits.

import type { Failure, GroupKind, Gvk, JsonValue, Manifest, ObjectRef } from "@plumbline/core/model";

/** Act as somebody else; the API server checks that we may. */
export interface Identity {
  user: string;
  groups?: string[];
}

export interface KubeCall {
  impersonate?: Identity;
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Calls of one key wait in line and the keys take turns. */
  fairKey?: string;
  /** Behind all other calls, but not for ever. */
  background?: boolean;
}

export interface KubeWrite extends KubeCall {
  fieldManager: string;
  dryRun?: boolean;
  /** The answer is `apiVersion`, `kind` and `metadata` alone. */
  metadataOnly?: boolean;
}

export type KindRef = GroupKind & { version?: string };

export interface KindInfo extends Gvk {
  namespaced: boolean;
  verbs: readonly string[];
}

export type KubeEvent =
  | { type: "added" | "modified"; object: Manifest }
  | { type: "deleted"; object: Manifest; observed: boolean }
  | { type: "synced" }
  /** Once per outage. `AccessDenied` and `Unsupported` last until somebody grants the right. */
  | { type: "disconnected"; failure: Failure }
  | { type: "resumed" }
  /**
   * The server was away, and may be back with an older backup: everything that exists is told until `resumed`, with
   * versions that may be lower than before; what is not told by then is gone.
   */
  | { type: "anew" };

export interface KubeWatch {
  readonly synced: Promise<void>;
  stop(): void;
}

export interface Kube {
  find(ref: ObjectRef, options?: KubeCall): Promise<Manifest | undefined>;
  create(manifest: Manifest, options?: KubeCall & { fieldManager?: string }): Promise<Manifest>;
  apply(manifest: Manifest, options: KubeWrite & { force: boolean }): Promise<{ object: Manifest; created: boolean }>;
  patch(
    ref: ObjectRef,
    patch: { type: "merge" | "json"; body: JsonValue },
    options: KubeWrite & { subresource?: "status" },
  ): Promise<Manifest>;
  delete(
    ref: ObjectRef,
    options?: KubeCall & {
      propagationPolicy?: "Background";
      preconditions?: { uid?: string; resourceVersion?: string };
    },
  ): Promise<Manifest | undefined>;
  watch(options: {
    resource: KindRef;
    namespace?: string;
    labelSelector?: string;
    fieldSelector?: string;
    impersonate?: Identity;
    signal?: AbortSignal;
    on(event: KubeEvent): void;
  }): KubeWatch;
  readonly discovery: {
    find(kind: KindRef, options?: { signal?: AbortSignal }): Promise<KindInfo | undefined>;
    refresh(options?: { signal?: AbortSignal }): Promise<void>;
  };
}
