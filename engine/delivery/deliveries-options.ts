// What the deliveries of one engine are given.

import type { Windows } from "../gate/windows.ts";
import type { Ports } from "../ports/index.ts";
import type { StatusWriter } from "../report/status-writer.ts";
import type { Sources } from "../source/sources.ts";
import type { NamedObjects } from "../watch/named-objects.ts";

export interface DeliveriesOptions {
  ports: Ports;
  named: NamedObjects;
  writer: StatusWriter;
  sources: () => Sources;
  /** Undefined where there is no such thing as a maintenance window. */
  windows: Windows | undefined;
  concurrency: number;
  /** The ConfigMap for what runs are about to create. */
  intents: { namespace: string; name: string } | undefined;
  override: readonly string[];
  customKinds: ReadonlySet<string>;
  pruneGuard: number | undefined;
  defaultServiceAccount: string | undefined;
  /** Deliveries may use sources of other namespaces. */
  allowCrossNamespace: boolean;
  /** Resolves when all deliveries and sources that existed at the start are known. */
  known: Promise<void>;
}
