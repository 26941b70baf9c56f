// A real Git server for tests that counts requests, asks for credentials and misbehaves on demand.

import { mkdtemp, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BareRepository,
  type BareRepositoryOptions,
  type Content,
  createBareRepository,
  type GitRequest,
  type GitRequestType,
  type GitServerOptions,
  startGitServer,
} from "@plumbline/edges/git-http";

/** What goes wrong. `on` limits it to one type of request. */
export type Fault = { on?: GitRequestType } & (
  | { kind: "status"; status: number; body?: string; contentType?: string; headers?: Record<string, string> }
  /** A login page where Git data should be. */
  | { kind: "html"; status?: number }
  | { kind: "redirect"; status?: number; location: string | ((request: GitRequest) => string) }
  /** Ends the connection after so many bytes of the answer. */
  | { kind: "truncate"; bytes: number }
  /** Flips the bits of one byte of the answer. */
  | { kind: "corrupt"; at: number }
  /** Sends an answer that never ends: a pack for `fetch`, references for the others. */
  | { kind: "endless" }
  /** Answers so much later. */
  | { kind: "late"; ms: number }
  /** Never answers. */
  | { kind: "hang" }
  /** Closes the connection without an answer. */
  | { kind: "reset" }
  /** Says that main is at this commit; for `ls-refs`. */
  | { kind: "lie"; commit: string }
  /** Answers as servers before protocol v2 do. */
  | { kind: "old-protocol" }
);

export type Credentials = { username: string; password: string } | { bearerToken: string };

export interface TestGitServer {
  readonly url: string;
  /** The folder with the repositories. */
  readonly root: string;
  /** Creates `<name>.git` with a first commit of these files on main (none when `files` is empty). */
  create(
    name: string,
    files?: Readonly<Record<string, Content>>,
    options?: BareRepositoryOptions,
  ): Promise<TestRepository>;
  /** Requests since the start or the last `reset`, by type. */
  counts(): Record<GitRequestType, number>;
  /** The requests themselves, oldest first. */
  readonly requests: GitRequest[];
  /** The most requests that were being answered at the same moment, since the start or the last `reset`. */
  mostAtOnce(): number;
  reset(): void;
  /** Set it to misbehave, to undefined to behave. */
  fault: Fault | undefined;
  /** Set it to ask for credentials. */
  credentials: Credentials | undefined;
  close(): Promise<void>;
}

export interface TestRepository extends BareRepository {
  /** Where it is served. */
  readonly url: string;
}

/** Starts a server on a free port of the loopback address, over a folder of its own that `close` removes. */
export async function startTestGitServer(options: Pick<GitServerOptions, "tls"> = {}): Promise<TestGitServer> {
  const root = await mkdtemp(join(tmpdir(), "plumbline-git-"));
  const requests: GitRequest[] = [];
  const state: { fault: Fault | undefined; credentials: Credentials | undefined } = {
    fault: undefined,
    credentials: undefined,
  };
  let [atOnce, most] = [0, 0];
  const server = await startGitServer({
    root,
    ...options,
    onRequest(request, response) {
      requests.push(request);
      most = Math.max(most, ++atOnce);
      response.on("close", () => atOnce--);
      return refuses(state.credentials, request, response) || misbehaves(state.fault, request, response);
    },
  });
  return Object.assign(state, {
    url: server.url,
    root,
    requests,
    mostAtOnce: () => most,
    reset: () => {
      requests.splice(0);
      most = atOnce;
    },
    counts() {
      const counts: Record<GitRequestType, number> = { "info/refs": 0, "ls-refs": 0, fetch: 0, other: 0 };
      for (const request of requests) counts[request.type]++;
      return counts;
    },
    async create(name: string, files: Readonly<Record<string, Content>> = {}, how: BareRepositoryOptions = {}) {
      const repository = await createBareRepository(join(root, `${name}.git`), how);
      if (Object.keys(files).length > 0) await repository.commit(files, { message: "First" });
      return { ...repository, url: `${server.url}/${name}.git` };
    },
    async close() {
      await server.close();
      await rm(root, { recursive: true, force: true });
    },
  });
}

function refuses(credentials: Credentials | undefined, request: GitRequest, response: ServerResponse): boolean {
  if (!credentials) return false;
  const expected =
    "bearerToken" in credentials
      ? `Bearer ${credentials.bearerToken}`
      : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
  if (request.headers.authorization === expected) return false;
  response.writeHead(401, { "www-authenticate": 'Basic realm="test"', "content-type": "text/plain" }).end("no\n");
  return true;
}

function misbehaves(
  fault: Fault | undefined,
  request: GitRequest,
  response: ServerResponse,
): boolean | Promise<boolean> {
  if (!fault || (fault.on !== undefined && fault.on !== request.type)) return false;
  switch (fault.kind) {
    case "status":
      response.writeHead(fault.status, { "content-type": fault.contentType ?? "text/plain", ...fault.headers });
      response.end(fault.body ?? "");
      return true;
    case "html":
      response.writeHead(fault.status ?? 200, { "content-type": "text/html; charset=utf-8" });
      response.end("<!DOCTYPE html><html><title>Sign in</title></html>\n");
      return true;
    case "redirect": {
      const location = typeof fault.location === "string" ? fault.location : fault.location(request);
      response.writeHead(fault.status ?? 302, { location }).end();
      return true;
    }
    case "late":
      return new Promise((resolve) => setTimeout(() => resolve(false), fault.ms));
    case "hang":
      return true;
    case "endless":
      if (request.type === "fetch") sendEndlessPack(response);
      else sendEndlessRefs(request, response);
      return true;
    case "reset":
      response.destroy();
      return true;
    case "lie":
      if (request.type !== "ls-refs") return false;
      response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" });
      response.end(Buffer.concat([packet(Buffer.from(`${fault.commit} refs/heads/main\n`)), Buffer.from("0000")]));
      return true;
    case "truncate":
      truncateAfter(response, fault.bytes);
      return false;
    case "corrupt":
      corruptAt(response, fault.at);
      return false;
    case "old-protocol":
      delete request.headers["git-protocol"];
      return false;
  }
}

function packet(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from((content.length + 4).toString(16).padStart(4, "0")), content]);
}

/** Writes the same bytes until the client goes away. */
function sendForEver(response: ServerResponse, bytes: Buffer): void {
  const more = (): void => {
    while (!response.destroyed && response.write(bytes));
  };
  response.on("drain", more);
  more();
}

/** One blob of 2^34 bytes, in stored (uncompressed) deflate blocks. */
function sendEndlessPack(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" });
  const data = (content: Buffer): Buffer => packet(Buffer.concat([Buffer.from([1]), content]));
  const start = Buffer.from("PACK\0\0\0\x02\0\0\0\x01\xb0\x80\x80\x80\x80\x10\x78\x01", "latin1");
  response.write(packet(Buffer.from("packfile\n")));
  response.write(data(start));
  const size = 0xf000;
  const head = Buffer.from([0, size & 0xff, size >> 8, ~size & 0xff, (~size >> 8) & 0xff]);
  sendForEver(response, data(Buffer.concat([head, Buffer.alloc(size)])));
}

function sendEndlessRefs(request: GitRequest, response: ServerResponse): void {
  const isAdvertisement = request.type === "info/refs";
  response.writeHead(200, {
    "content-type": `application/x-git-upload-pack-${isAdvertisement ? "advertisement" : "result"}`,
  });
  if (isAdvertisement) response.write("001e# service=git-upload-pack\n0000000eversion 2\n");
  const line = packet(Buffer.from(`${"1".repeat(40)} refs/heads/main-x\n`));
  sendForEver(response, Buffer.concat(Array.from({ length: 500 }, () => line)));
}

type Write = (chunk: Buffer) => boolean;

function truncateAfter(response: ServerResponse, bytes: number): void {
  const write = response.write.bind(response) as Write; // the server only writes buffers
  let left = bytes;
  response.write = ((chunk: Buffer) => {
    if (left < 0) return true;
    const done = write(chunk.subarray(0, left));
    left -= chunk.length;
    if (left < 0) setImmediate(() => response.destroy());
    return done;
  }) as typeof response.write; // as above
}

function corruptAt(response: ServerResponse, at: number): void {
  const write = response.write.bind(response) as Write; // the server only writes buffers
  let offset = 0;
  response.write = ((chunk: Buffer) => {
    const copy = Buffer.from(chunk);
    const index = at - offset;
    if (index >= 0 && index < copy.length) copy[index] = (copy[index] ?? 0) ^ 0xff;
    offset += chunk.length;
    return write(copy);
  }) as typeof response.write; // as above
}
