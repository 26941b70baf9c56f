// Sees when the last Kustomization turns Ready, by a watch: asking again and again would slow down what is measured.

import { request } from "node:https";
import { createInterface } from "node:readline";
import { Failure, type JsonObject, digString } from "@plumbline/core/model";
import type { Cluster } from "@plumbline/testkit/control-plane";
import { isReady } from "./site.ts";

/** Calls `onReady` with the name of each object that is Ready at first, or becomes so; ends with the signal. */
export function watchReady(cluster: Cluster, path: string, onReady: (name: string) => void, signal: AbortSignal): void {
  const query = "watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
  const headers = { authorization: `Bearer ${cluster.adminToken}`, accept: "application/json" };
  const sent = request(`${cluster.url}${path}?${query}`, { ca: cluster.caPem, headers, signal }, (response) => {
    const lines = createInterface(response);
    // The abort ends the stream with an error, which the reader of lines passes on.
    for (const stream of [response, lines]) stream.on("error", (error: Error) => failUnlessAborted(error, signal));
    lines.on("line", (line) => {
      const event = JSON.parse(line) as { type: string; object: JsonObject };
      if (event.type === "ERROR") throw new Failure({ reason: "ClusterUnreachable", message: line });
      if (event.type !== "BOOKMARK" && isReady(event.object))
        onReady(digString(event.object, "metadata", "name") ?? "");
    });
  });
  sent.on("error", (error) => failUnlessAborted(error, signal));
  sent.end();
}

function failUnlessAborted(error: Error, signal: AbortSignal): void {
  if (!signal.aborted) throw error;
}
