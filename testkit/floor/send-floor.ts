// Sends scripts of requests over HTTP/2, many scripts at once, and takes the time. No retries, no watches, no thinking.

import { type ClientHttp2Session, connect } from "node:http2";
import { Failure } from "@plumbline/core/model";

export interface FloorRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  /** JSON text. */
  body?: string;
  contentType?: string;
}

/** Steps one after another; the requests of a step go out together. */
export type FloorScript = readonly (readonly FloorRequest[])[];

export interface FloorOptions {
  cluster: { url: string; caPem: string; adminToken: string };
  scripts: readonly FloorScript[];
  /** Scripts under way at the same time. */
  concurrency: number;
}

export interface FloorResult {
  seconds: number;
  requests: number;
  /** By `PATCH 201`. */
  answers: Record<string, number>;
}

/** Throws `ClusterUnreachable` when the connection breaks, `Internal` at the first answer that is no success. */
export async function sendFloor(options: FloorOptions): Promise<FloorResult> {
  const session = await open(options.cluster);
  const result: FloorResult = { seconds: 0, requests: 0, answers: {} };
  const send = async (request: FloorRequest): Promise<void> => {
    const status = await exchange(session, options.cluster.adminToken, request);
    const key = `${request.method} ${status}`;
    result.requests++;
    result.answers[key] = (result.answers[key] ?? 0) + 1;
  };
  const waiting = options.scripts.values();
  const work = async (): Promise<void> => {
    for (const script of waiting) for (const step of script) await Promise.all(step.map(send));
  };
  const started = performance.now();
  try {
    await Promise.all(Array.from({ length: options.concurrency }, work));
  } finally {
    session.destroy();
  }
  result.seconds = (performance.now() - started) / 1000;
  return result;
}

/** Resolves when the server has said how many streams it takes. */
function open(cluster: { url: string; caPem: string }): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connect(cluster.url, { ca: cluster.caPem });
    session.once("error", (cause) => reject(unreachable(cluster.url, cause)));
    session.once("remoteSettings", () => resolve(session));
  });
}

function exchange(session: ClientHttp2Session, token: string, request: FloorRequest): Promise<number> {
  const headers = {
    ":method": request.method,
    ":path": request.path,
    authorization: `Bearer ${token}`,
    accept: "application/json",
    "user-agent": "plumbline-floor",
    ...(request.contentType && { "content-type": request.contentType }),
  };
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: request.body === undefined });
    let status = 0;
    let text = "";
    stream.on("response", (answer) => (status = Number(answer[":status"])));
    // Reading the body is part of the work; only that of a refusal is kept.
    stream.setEncoding("utf8").on("data", (part: string) => {
      if (status >= 300) text += part;
    });
    stream.on("error", (cause: Error) => reject(unreachable(request.path, cause)));
    stream.on("end", () => (status >= 200 && status < 300 ? resolve(status) : reject(refused(request, status, text))));
    if (request.body !== undefined) stream.end(request.body);
  });
}

function unreachable(where: string, cause: Error): Failure {
  return new Failure({ reason: "ClusterUnreachable", message: `${where}: ${cause.message}`, cause });
}

function refused(request: FloorRequest, status: number, text: string): Failure {
  return new Failure({
    reason: "Internal",
    message: `${request.method} ${request.path} was answered ${status}: ${text}`,
  });
}
