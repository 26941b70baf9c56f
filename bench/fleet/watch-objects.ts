// Sees changes as they happen, by a watch: asking again and again would slow down what is measured.

import { request } from "node:https";
import { createInterface } from "node:readline";
import { Failure, type JsonObject, digString } from "@plumbline/core/model";
import type { Cluster } from "@plumbline/testkit/control-plane";

export interface Seen {
  type: "ADDED" | "MODIFIED" | "DELETED";
  name: string;
  object: JsonObject;
  /** `performance.now()` at its arrival. */
  at: number;
}

/**
 * Calls `onSeen` for what is there and then for each change, until the signal; resolves when what was there has been
 * told. A watch that breaks ends the process: there is no figure without it.
 */
export function watchObjects(
  cluster: Cluster,
  path: string,
  watcher: { onSeen: (seen: Seen) => void; signal: AbortSignal },
): Promise<void> {
  const query = "watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
  const headers = {
    authorization: `Bearer ${cluster.adminToken}`,
    accept: "application/json",
    "user-agent": "plumbline-testkit",
  };
  const { signal, onSeen } = watcher;
  return new Promise((resolve) => {
    const sent = request(`${cluster.url}${path}?${query}`, { ca: cluster.caPem, headers, signal }, (response) => {
      const lines = createInterface(response);
      // The abort ends the stream with an error, which the reader of lines passes on.
      for (const stream of [response, lines]) stream.on("error", (error: Error) => failUnlessAborted(error, signal));
      lines.on("line", (line) => {
        const { type, object } = JSON.parse(line) as { type: Seen["type"] | "BOOKMARK" | "ERROR"; object: JsonObject };
        if (type === "ERROR") throw new Failure({ reason: "ClusterUnreachable", message: line });
        if (type === "BOOKMARK") return resolve();
        onSeen({ type, object, name: digString(object, "metadata", "name") ?? "", at: performance.now() });
      });
    });
    sent.on("error", (error) => failUnlessAborted(error, signal));
    sent.end();
  });
}

function failUnlessAborted(error: Error, signal: AbortSignal): void {
  if (!signal.aborted) throw error;
}
