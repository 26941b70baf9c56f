// Everything the engine is given from outside: it imports no edge and no dialect.

import type {
  Clock,
  DeliveryOutcome,
  Failure,
  HeldChange,
  NamedRef,
  Overriding,
  Plan,
  Repair,
} from "@plumbline/core/model";
import type { Dialect } from "./dialect.ts";
import type { Kube } from "./kube.ts";
import type { ArtifactPort, GitPort } from "./source.ts";
import type { WindowDialect } from "./window-dialect.ts";

export type { Dialect, EventText, Written } from "./dialect.ts";
export type { Identity, KindInfo, KindRef, Kube, KubeCall, KubeEvent, KubeWatch, KubeWrite } from "./kube.ts";
export type { HeldByWindow, WindowDialect, WindowKind, WindowOverride, WindowReport } from "./window-dialect.ts";
export type { ArtifactPort, GitCall, GitPort, GitRemote, Snapshot } from "./source.ts";

/** What happens, as it happens: for logs, metrics and whoever shows progress. Times are monotonic milliseconds. */
export type EngineEvent =
  | { type: "source"; key: string; step: "noticed" | "fetched" | "stored"; revision: string; atMs: number }
  | { type: "source-failed"; key: string; failure: Failure; atMs: number }
  | {
      type: "delivery";
      key: string;
      step: "rendered" | "reused" | "applied" | "healthy";
      revision: string;
      atMs: number;
    }
  | { type: "planned"; key: string; revision: string; plan: Plan; atMs: number }
  | { type: "waiting"; key: string; failure: Failure; atMs: number }
  /** Its object was deleted. */
  | { type: "delivery-gone"; key: string; atMs: number }
  | { type: "delivery-ended"; key: string; outcome: DeliveryOutcome; atMs: number }
  | { type: "repaired"; key: string; repair: Repair; atMs: number }
  /** What of a delivery waits for windows is something else than before. */
  | {
      type: "held";
      key: string;
      revision: string | undefined;
      held: readonly HeldChange[];
      /** What waited before and has gone, or need not go any more. */
      released: readonly HeldChange[];
      atMs: number;
    }
  | { type: "overriding"; key: string; overriding: Overriding; atMs: number }
  | {
      type: "window";
      window: NamedRef;
      step: "seen" | "changed" | "gone" | "opened" | "closed" | "refused";
      isOpen: boolean;
      /** One of the mistakes of a window that is refused, and holds what it selects. */
      failure?: Failure;
      atMs: number;
    }
  | { type: "repair-failed"; key: string; failure: Failure; atMs: number };

/** One line of the log; fields never hold values of Secrets. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export interface Ports {
  kube: Kube;
  git: GitPort;
  artifacts: ArtifactPort;
  dialect: Dialect;
  /** Without it there are no maintenance windows. */
  windows?: WindowDialect;
  clock: Clock;
  /** In [0, 1): spreads intervals. */
  random: () => number;
  /** Hex SHA-256 of a text. */
  sha256: (text: string) => string;
  log: Log;
  /** Must not throw. */
  onEvent: (event: EngineEvent) => void;
}
