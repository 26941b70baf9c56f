// Health and metrics endpoints of the operator.

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import { Failure } from "@plumbline/core/model";
import type { Metrics } from "@plumbline/edges/telemetry";

export interface ProbeServer {
  /** `http://host:port` */
  url: string;
  close(): Promise<void>;
}

/** `host:port`, `:port` for all interfaces. Throws a usage failure. */
export function parseAddress(text: string, flag: string): { host: string | undefined; port: number } {
  const colon = text.lastIndexOf(":");
  const digits = text.slice(colon + 1);
  const port = Number(digits);
  if (colon < 0 || !/^\d+$/.test(digits) || port > 65_535) {
    throw new Failure({
      reason: "UsageError",
      message: `${flag}: "${text}" is no address`,
      hint: "Write host:port or :port.",
    });
  }
  return { host: colon === 0 ? undefined : text.slice(0, colon), port };
}

export async function startMetricsServer(address: string, metrics: Metrics): Promise<ProbeServer> {
  return await listen(address, "--metrics-addr", (request, response) => {
    if (request.url !== "/metrics") return void response.writeHead(404).end("not found; try /metrics\n");
    metrics.expose().then(
      ({ contentType, body }) => {
        response.writeHead(200, { "content-type": contentType });
        pipeline(body, response, () => undefined); // whoever asked went away: nobody is left to tell
      },
      () => response.writeHead(500).end(),
    );
  });
}

/** `/healthz` answers while the process lives, `/readyz` once it leads and knows what exists. */
export async function startHealthServer(address: string, isReady: () => boolean): Promise<ProbeServer> {
  return await listen(address, "--health-addr", (request, response) => {
    const isOk = request.url === "/healthz" || (request.url === "/readyz" && isReady());
    const isKnown = request.url === "/healthz" || request.url === "/readyz";
    response
      .writeHead(isOk ? 200 : isKnown ? 503 : 404)
      .end(isOk ? "ok\n" : isKnown ? "not ready yet\n" : "not found\n");
  });
}

async function listen(address: string, flag: string, listener: RequestListener): Promise<ProbeServer> {
  const { host, port } = parseAddress(address, flag);
  const server = createServer((request, response) => {
    if (request.method === "GET" || request.method === "HEAD") listener(request, response);
    else response.writeHead(405).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(portFailure(error, address, flag)));
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
  const bound = server.address() as AddressInfo; // a TCP server has one
  return { url: `http://${host ?? "127.0.0.1"}:${bound.port}`, close: () => closeServer(server) };
}

function portFailure(error: Error, address: string, flag: string): Failure {
  const message = `cannot listen on ${address}: ${error.message}`;
  return new Failure({ reason: "UsageError", message, hint: `Choose another address with ${flag}.`, cause: error });
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
