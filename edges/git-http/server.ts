// A read-only smart-HTTP Git server over `git http-backend`, for the demo, local trials and tests.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { type GitProgram, spawnGit } from "./program.ts";

/** What a client asked for; `ls-refs` and `fetch` are the two commands of protocol v2. */
export type GitRequestType = "info/refs" | "ls-refs" | "fetch" | "other";

export interface GitRequest {
  type: GitRequestType;
  /** The repository's path below the root, such as `fleet.git`. */
  repository: string;
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  /** The decompressed body. */
  body: Buffer;
}

export interface GitServerOptions extends GitProgram {
  /** The folder that holds the bare repositories. */
  root: string;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** PEM; makes the server speak HTTPS. With `clientAuthority` only clients with a certificate of it are let in. */
  tls?: { key: string; cert: string; clientAuthority?: string };
  /**
   * Called for each request before git is. Returning true means that the response has been (or will be) written here:
   * authentication, counting and faults hang on this.
   */
  onRequest?: (request: GitRequest, response: ServerResponse) => boolean | Promise<boolean>;
}

export interface GitServer {
  /** `http://127.0.0.1:<port>`; a repository is at `<url>/<its path below the root>`. */
  url: string;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const repositoryPath =
  /^\/((?:[A-Za-z0-9_][A-Za-z0-9._-]*\/)*[A-Za-z0-9_][A-Za-z0-9._-]*)\/(info\/refs|git-upload-pack)$/;

/** Starts serving. Only fetching is served; anything else is answered with 404. */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    answer(options, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end(`${error instanceof Error ? error.message : String(error)}\n`);
    });
  };
  const server: Server = options.tls ? createTlsServer(tlsOptions(options.tls), handle) : createServer(handle);
  const host = options.host ?? "127.0.0.1";
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo; // listening on TCP
  return {
    url: `${options.tls ? "https" : "http"}://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function tlsOptions({ key, cert, clientAuthority }: NonNullable<GitServerOptions["tls"]>): ServerOptions {
  if (clientAuthority === undefined) return { key, cert };
  return { key, cert, ca: clientAuthority, requestCert: true, rejectUnauthorized: true };
}

async function answer(options: GitServerOptions, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(message);
  const url = pathOf(message.url ?? "/");
  const [pathname = "/", query = ""] = url.split("?", 2);
  const match = repositoryPath.exec(pathname);
  const repository = match?.[1] ?? "";
  const action = match?.[2];
  const type = action === "info/refs" ? "info/refs" : action === undefined ? "other" : commandOf(body);
  const request = { type, repository, method: message.method ?? "GET", url, headers: message.headers, body } as const;
  if (await options.onRequest?.(request, response)) return;
  if (!match || (action === "info/refs" && query !== "service=git-upload-pack")) {
    response.writeHead(404, { "content-type": "text/plain" }).end("Not found: this server only serves fetches\n");
    return;
  }
  runBackend(options, { pathname, query, request, response });
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) throw new RangeError(`the request is larger than ${MAX_BODY_BYTES} bytes`);
    parts.push(part);
  }
  const body = Buffer.concat(parts);
  return message.headers["content-encoding"] === "gzip" ? gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES }) : body;
}

/** A client that takes us for its proxy names the host as well (RFC 9112, 3.2.2). */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, "") || "/";
}

function commandOf(body: Buffer): GitRequestType {
  const start = body.subarray(4, 64).toString("latin1");
  if (start.startsWith("command=ls-refs")) return "ls-refs";
  return start.startsWith("command=fetch") || start.startsWith("want ") ? "fetch" : "other";
}

interface Exchange {
  pathname: string;
  query: string;
  request: GitRequest;
  response: ServerResponse;
}

/** One CGI call (RFC 3875) of git-http-backend(1). */
function runBackend(options: GitServerOptions, { pathname, query, request, response }: Exchange): void {
  const protocol = request.headers["git-protocol"];
  const child = spawnGit(options, ["http-backend"], {
    GIT_PROJECT_ROOT: options.root,
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: pathname,
    QUERY_STRING: query,
    REQUEST_METHOD: request.method,
    CONTENT_TYPE: request.headers["content-type"] ?? "",
    ...(typeof protocol === "string" ? { GIT_PROTOCOL: protocol } : {}),
    // The folder may belong to another user (a mounted volume); it was named on purpose.
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
  });
  child.on("error", (error) => response.writeHead(500).end(`git http-backend: ${error.message}\n`));
  child.stdin?.on("error", () => undefined); // it ends without reading when it refuses the request
  child.stdin?.end(request.body);
  child.stderr?.resume();
  response.on("close", () => child.kill());
  let head: Buffer | undefined = Buffer.alloc(0);
  child.stdout?.on("data", (bytes: Buffer) => {
    if (head === undefined) {
      if (!response.write(bytes)) {
        child.stdout?.pause();
        response.once("drain", () => child.stdout?.resume());
      }
      return;
    }
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    writeHead(response, head.subarray(0, end).toString("latin1"));
    response.write(head.subarray(end + 4));
    head = undefined;
  });
  child.stdout?.on("end", () => {
    if (head !== undefined && !response.headersSent) response.writeHead(500);
    response.end();
  });
}

function writeHead(response: ServerResponse, head: string): void {
  let status = 200;
  const headers: [string, string][] = [];
  for (const line of head.split("\r\n")) {
    const colon = line.indexOf(":");
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else headers.push([name, value]);
  }
  response.writeHead(status, Object.fromEntries(headers));
}
