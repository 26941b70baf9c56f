// Everything the engine is given from outside: it imports no edge and no dialect.

import type { Clock } from "@plumbline/core/model";
import type { Dialect } from "./dialect.ts";
import type { Kube } from "./kube.ts";
import type { ArtifactPort, GitPort } from "./source.ts";

export type { Dialect, EventText, Written } from "./dialect.ts";
export type { Identity, KindInfo, KindRef, Kube, KubeCall, KubeEvent, KubeWatch, KubeWrite } from "./kube.ts";
export type { ArtifactPort, GitAddress, GitAuth, GitCall, GitPort, Resolved, Snapshot } from "./source.ts";

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
  clock: Clock;
  /** In [0, 1): spreads intervals. */
  random: () => number;
  /** Hex SHA-256 of a text. */
  sha256: (text: string) => string;
  log: Log;
}
