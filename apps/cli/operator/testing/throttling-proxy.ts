// A way to the API server that takes only so many writes a second and says 429 with Retry-After to the rest.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import type { Cluster, TestHooks } from "@plumbline/testkit/control-plane";

export interface ThrottlingProxy {
  url: string;
  /** Every throttled write as it arrived: the same `key` again is another attempt of the same call. */
  attempts: { key: string; refused: boolean; atMs: number }[];
}

/** Everything that is no write of a path that `throttles` passes. Ends with the test. */
export async function startThrottlingProxy(
  test: TestHooks,
  cluster: Cluster,
  limit: { writesPerSecond: number; retryAfterSeconds: number; throttles: (path: string) => boolean },
): Promise<ThrottlingProxy> {
  const attempts: ThrottlingProxy["attempts"] = [];
  const taken: number[] = [];
  const isRefused = (incoming: IncomingMessage): boolean => {
    const path = incoming.url ?? "";
    if (incoming.method === "GET" || !limit.throttles(path)) return false;
    const atMs = performance.now();
    while (taken[0] !== undefined && taken[0] <= atMs - 1000) taken.shift();
    const refused = taken.length >= limit.writesPerSecond;
    if (!refused) taken.push(atMs);
    attempts.push({ key: `${incoming.method} ${path}`, refused, atMs });
    return refused;
  };
  const server = createServer((incoming, outgoing) => {
    if (!isRefused(incoming)) return forward(cluster, incoming, outgoing);
    incoming.resume();
    outgoing.writeHead(429, { "retry-after": String(limit.retryAfterSeconds) }).end("too many requests");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return { url: `http://127.0.0.1:${port}`, attempts };
}

function forward(cluster: Cluster, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, headers } = incoming;
  const sent = request(`${cluster.url}${incoming.url}`, { method, headers, ca: cluster.caPem }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
    answer.on("error", () => outgoing.destroy());
  });
  sent.on("error", () => outgoing.destroy());
  // A watch that the client gives up ends behind the proxy too.
  outgoing.on("close", () => sent.destroy());
  incoming.pipe(sent);
}
