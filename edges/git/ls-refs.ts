// Asks a remote for references: one `ls-refs` of protocol v2 with exact prefixes; older servers through `git ls-remote`.

import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { Failure } from "@plumbline/core/model";
import { type AdvertisedRef, isObjectId } from "@plumbline/core/source";
import { EndOfOutput, type GitProgram, type GitRun, runGit, superviseGit } from "./git-program.ts";

export interface LsRefsRequest {
  url: string;
  /** The folder of git's programs (`git --exec-path`). */
  programs: string;
  /** Only references that start with one of these; none asks for everything. */
  prefixes: readonly string[];
  run: Omit<GitRun, "args">;
}

/** A remote with more references than fit in this gets an error instead of our memory. */
const MAX_LS_REFS_BYTES = 64 * 1024 * 1024;

/** Thrown inside when the server does not speak protocol v2. */
class OldServer extends Error {}

/**
 * Lists references, annotated tags with the commit behind them. The transport is git's own HTTP helper (gitremote-helpers(7),
 * `stateless-connect`): `git ls-remote` would fetch all references of the server whatever it is asked for.
 */
export async function lsRefs(git: GitProgram, request: LsRefsRequest): Promise<AdvertisedRef[]> {
  const scheme = request.url.slice(0, request.url.indexOf(":"));
  if (scheme !== "http" && scheme !== "https") return lsRemote(git, request);
  // "--" is no option of the helper; the URL was parsed and starts with its scheme. Without `git` in between, a poll is
  // one process instead of two.
  const program = join(request.programs, `git-remote-${scheme}`);
  const args = ["origin", request.url];
  try {
    // The helper keeps the server's first answer in memory, whatever its size; git has a limit for that of its own.
    const environment = { ...request.run.environment, GIT_ALLOC_LIMIT: `${MAX_LS_REFS_BYTES}` };
    return await superviseGit(git, { ...request.run, environment, program, args }, (child) =>
      talkV2(child, request.prefixes),
    );
  } catch (error) {
    if (error instanceof OldServer) return lsRemote(git, request);
    throw error;
  }
}

async function talkV2(child: ChildProcess, prefixes: readonly string[]): Promise<AdvertisedRef[]> {
  const reader = new PacketReader(child);
  child.stdin?.write("stateless-connect git-upload-pack\n");
  if ((await reader.line()) === "fallback") throw new OldServer();
  const capabilities = await reader.packetsUntilFlush();
  const format = capabilities.find((line) => line.startsWith("object-format="));
  child.stdin?.end(lsRefsCommand(prefixes, format));
  const lines = await reader.packetsUntilFlush();
  await reader.drain();
  return lines.map(parseRef);
}

function lsRefsCommand(prefixes: readonly string[], format: string | undefined): string {
  const head = ["command=ls-refs\n", "agent=plumbline", ...(format === undefined ? [] : [format])];
  const args = ["peel\n", ...prefixes.map((prefix) => `ref-prefix ${prefix}\n`)];
  return `${head.map(packet).join("")}0001${args.map(packet).join("")}0000`;
}

function packet(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;
}

/** `<id> <name>[ peeled:<id>][ symref-target:<name>]` */
function parseRef(line: string): AdvertisedRef {
  const [id = "", name = "", ...attributes] = line.split(" ");
  const peeled = attributes.find((attribute) => attribute.startsWith("peeled:"))?.slice("peeled:".length);
  // A branch that was not born yet (an empty repository's HEAD) has "unborn" for an id.
  if ((!isObjectId(id) && id !== "unborn") || (peeled !== undefined && !isObjectId(peeled))) throw notGit();
  return peeled === undefined ? { id, name } : { id, name, peeled };
}

/** Reads the helper's answers: first a line, then pkt-lines (gitprotocol-common(5)). */
class PacketReader {
  #buffer: Buffer = Buffer.alloc(0);
  #size = 0;
  readonly #chunks: AsyncIterator<Buffer>;

  constructor(child: ChildProcess) {
    this.#chunks = (child.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator](); // it was spawned with pipes
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf(10);
      if (end >= 0)
        return this.#take(end + 1)
          .toString("latin1")
          .slice(0, -1);
      await this.#more();
    }
  }

  async packetsUntilFlush(): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const length = Number.parseInt((await this.#bytes(4)).toString("latin1"), 16);
      if (length === 0) return lines;
      // The helper's mark for the end of an answer: it came before the answer was complete.
      if (length === 2) throw new EndOfOutput();
      if (!(length >= 4)) throw notGit();
      const text = (await this.#bytes(length - 4)).toString("utf8");
      lines.push(text.endsWith("\n") ? text.slice(0, -1) : text);
    }
  }

  /** Reads what is left, so that the process can end. */
  async drain(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }

  async #bytes(count: number): Promise<Buffer> {
    while (this.#buffer.length < count) await this.#more();
    return this.#take(count);
  }

  #take(count: number): Buffer {
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done === true) throw new EndOfOutput();
    this.#size += next.value.length;
    if (this.#size > MAX_LS_REFS_BYTES) throw tooManyRefs();
    this.#buffer = Buffer.concat([this.#buffer, next.value]);
  }
}

function notGit(): Failure {
  return new Failure({
    reason: "GitOperationFailed",
    message: "the server's list of references is not in Git's format",
    hint: "Check that spec.url points at a Git repository, and try again",
  });
}

function tooManyRefs(): Failure {
  return new Failure({
    reason: "LimitExceeded",
    message: `the server's list of references is larger than ${MAX_LS_REFS_BYTES} bytes`,
    hint: "Name a branch, tag or reference in spec.ref instead of a semver range",
  });
}

async function lsRemote(git: GitProgram, request: LsRefsRequest): Promise<AdvertisedRef[]> {
  const args = ["ls-remote", "--quiet", "--end-of-options", request.url];
  const { stdout } = await runGit(git, { ...request.run, args, maxOutputBytes: MAX_LS_REFS_BYTES });
  const found = new Map<string, AdvertisedRef>();
  for (const line of stdout.toString("utf8").split("\n")) {
    const [id = "", name = ""] = line.split("\t");
    if (name === "" || !isObjectId(id)) continue;
    const tag = name.endsWith("^{}") ? found.get(name.slice(0, -3)) : undefined;
    if (tag) tag.peeled = id;
    else if (isAsked(name, request.prefixes)) found.set(name, { id, name });
  }
  return [...found.values()];
}

function isAsked(name: string, prefixes: readonly string[]): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix));
}
