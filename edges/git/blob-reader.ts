// Reads objects through one long-lived `git cat-file --batch`: ids in, contents out, in order.

import type { ChildProcess } from "node:child_process";
import { Failure } from "@plumbline/core/model";
import { isObjectId } from "@plumbline/core/source";
import { GitExit, type GitProgram, killGroup, startGit } from "./git-program.ts";

export interface GitObject {
  type: string;
  bytes: Uint8Array;
  /** The bytes are only its beginning. */
  isCut: boolean;
}

export interface BlobReader {
  /** The object, or undefined when the repository does not have it. Sizes must have been checked before. */
  read(id: string): Promise<GitObject | undefined>;
  close(): void;
}

/** Of a commit, tag or tree no more than this is read: a larger one is an attack on memory. Blobs are asked for by size. */
const MAX_OTHER_BYTES = 1024 * 1024;
/** The process ends by itself when nobody read for so long. */
const IDLE_MS = 60_000;

interface Waiter {
  resolve(object: GitObject | undefined): void;
  reject(error: Error): void;
}

function startBody(type: string, size: number): { type: string; bytes: Uint8Array; filled: number; size: number } {
  const kept = type === "blob" ? size : Math.min(size, MAX_OTHER_BYTES);
  return { type, bytes: new Uint8Array(kept), filled: 0, size };
}

/** Only ids go in, never names: nothing that a repository says can become a request. */
export function openBlobReader(git: GitProgram, gitDirectory: string): BlobReader {
  let batch: Batch | undefined;
  let cancelIdle = (): void => undefined;
  const rest = (): void => {
    cancelIdle();
    cancelIdle = git.clock.after(IDLE_MS, () => {
      if (batch?.isIdle === false) rest();
      else batch?.end();
    });
  };
  return {
    read(id) {
      if (!isObjectId(id)) return Promise.reject(new RangeError(`not an object id: ${id.slice(0, 80)}`));
      if (!batch || batch.hasEnded) batch = new Batch(git, gitDirectory);
      rest();
      return batch.read(id);
    },
    close() {
      cancelIdle();
      batch?.end();
    },
  };
}

class Batch {
  hasEnded = false;
  readonly #child: ChildProcess;
  readonly #waiting: Waiter[] = [];
  #next = 0;
  #requests: string[] = [];
  #header: Buffer = Buffer.alloc(0);
  #body: { type: string; bytes: Uint8Array; filled: number; size: number } | undefined;
  #stderr = "";

  constructor(git: GitProgram, gitDirectory: string) {
    this.#child = startGit(git, { args: ["cat-file", "--batch"], gitDirectory });
    this.#child.stdout?.on("data", (bytes: Buffer) => this.#take(bytes));
    this.#child.stderr?.on("data", (bytes: Buffer) => (this.#stderr = (this.#stderr + bytes.toString()).slice(-2000)));
    this.#child.on("error", (error) => this.#fail(error.message));
    this.#child.on("close", () => this.#fail(this.#stderr.trim() || "the process ended"));
  }

  get isIdle(): boolean {
    return this.#next >= this.#waiting.length;
  }

  read(id: string): Promise<GitObject | undefined> {
    return new Promise((resolve, reject) => {
      if (this.isIdle) this.#keepAlive(true);
      this.#waiting.push({ resolve, reject });
      if (this.#requests.push(id) === 1) queueMicrotask(() => this.#send());
    });
  }

  end(): void {
    this.hasEnded = true;
    killGroup(this.#child);
  }

  /** An idle reader must not keep our own process from ending. */
  #keepAlive(on: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const part of [this.#child, stdin, stdout, stderr] as { ref?(): void; unref?(): void }[]) {
      // pipes are sockets, which have both
      if (on) part.ref?.();
      else part.unref?.();
    }
  }

  #send(): void {
    this.#child.stdin?.write(`${this.#requests.join("\n")}\n`);
    this.#requests = [];
  }

  #fail(why: string): void {
    this.hasEnded = true;
    const error = new Failure({
      reason: "StorageOperationFailed",
      message: `the Git cache could not be read: ${why}`,
      hint: "Nothing need be done: it is read again. If it stays so, check the disk",
      cause: new GitExit(null, why),
    });
    for (const waiter of this.#waiting.splice(this.#next)) waiter.reject(error);
  }

  #answer(object: GitObject | undefined): void {
    const waiter = this.#waiting[this.#next++];
    if (this.#next > 1024 || this.isIdle) {
      this.#waiting.splice(0, this.#next);
      this.#next = 0;
    }
    if (this.isIdle) this.#keepAlive(false);
    waiter?.resolve(object);
  }

  #take(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.#body ? this.#takeBody(chunk, at) : this.#takeHeader(chunk, at);
  }

  /** `<id> <type> <size>` or `<id> missing`. */
  #takeHeader(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(10, at);
    const part = chunk.subarray(at, end < 0 ? chunk.length : end);
    const line = this.#header.length === 0 ? part : Buffer.concat([this.#header, part]);
    if (end < 0) {
      this.#header = Buffer.from(line);
      return chunk.length;
    }
    this.#header = Buffer.alloc(0);
    const [, type = "", size] = line.toString("latin1").split(" ");
    // A copy of its own: a slice would keep the whole chunk alive.
    if (size === undefined) this.#answer(undefined);
    else this.#body = startBody(type, Number(size));
    return end + 1;
  }

  #takeBody(chunk: Buffer, at: number): number {
    const body = this.#body;
    if (!body) return at;
    const count = Math.min(body.size - body.filled, chunk.length - at);
    const kept = Math.min(count, Math.max(0, body.bytes.length - body.filled));
    body.bytes.set(chunk.subarray(at, at + kept), body.filled < body.bytes.length ? body.filled : 0);
    body.filled += count;
    const next = at + count;
    // The content is followed by a line feed.
    if (body.filled < body.size || next >= chunk.length) return next;
    this.#body = undefined;
    this.#answer({ type: body.type, bytes: body.bytes, isCut: body.bytes.length < body.size });
    return next + 1;
  }
}
