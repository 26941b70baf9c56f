// Hands out archives over HTTP, read-only, as Flux's consumers fetch them.

import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { ArtifactServer } from "./door.ts";

export interface ArtifactServerOptions {
  /** The store's folder. */
  directory: string;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
}

const MAX_URL_LENGTH = 1024;
/** `/<kind>/<namespace>/<name>/<file>.tar.gz`, four plain names: nothing can lead out of the folder. */
const archivePath = /^(?:\/[A-Za-z0-9][A-Za-z0-9._-]*){3}\/[A-Za-z0-9][A-Za-z0-9._-]*\.tar\.gz$/;

/** Starts the server. GET and HEAD of archives only; everything else is 404 or 405. */
export async function startArtifactServer(options: ArtifactServerOptions): Promise<ArtifactServer> {
  const server = createServer((request, response) => {
    answer(options.directory, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  const host = options.host ?? "127.0.0.1";
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo; // listening on TCP
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(directory: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  if (path.length > MAX_URL_LENGTH || !archivePath.test(path)) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("404 page not found\n");
    return;
  }
  const found = await openFile(join(directory, path));
  if (!found) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("404 page not found\n");
    return;
  }
  const { handle, size, modified } = found;
  response.writeHead(200, {
    "content-type": "application/gzip",
    "content-length": size,
    "last-modified": modified.toUTCString(),
    "x-content-type-options": "nosniff",
  });
  if (request.method === "HEAD") {
    await handle.close();
    response.end();
    return;
  }
  // The open file stays whole even when retention removes its name meanwhile.
  const stream = createReadStream("", { fd: handle });
  stream.on("error", () => response.destroy());
  response.on("close", () => stream.destroy());
  stream.pipe(response);
}

async function openFile(path: string) {
  try {
    const handle = await open(path, "r");
    const found = await handle.stat();
    if (found.isFile()) return { handle, size: found.size, modified: found.mtime };
    await handle.close();
    return undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    throw error;
  }
}
