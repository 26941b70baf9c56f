// Remote bases and files of a build: cloned by git, downloaded by a child process, as the build is synchronous.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RemoteRoot, RepoUrl } from "@plumbline/core/kustomize";
import { Failure } from "@plumbline/core/model";
import { diskTree } from "../disk-tree.ts";

const DOWNLOAD_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1 << 28;
const NO_SUCH_FILE = 22;

/** Answers other than 2xx end it with `NO_SUCH_FILE`, as curl does; what kept it from an answer goes to stderr. */
const DOWNLOAD_PROGRAM = `
try {
  const response = await fetch(process.argv[1]);
  if (!response.ok) {
    process.stderr.write(response.status + " " + response.statusText);
    process.exitCode = ${NO_SUCH_FILE};
  } else process.stdout.write(Buffer.from(await response.arrayBuffer()));
} catch (error) {
  process.stderr.write(error.cause?.message ?? error.message);
  process.exitCode = 1;
}
`;

interface Program {
  program: string;
  args: readonly string[];
  /** What it is for, in failures. */
  what: string;
  timeoutMs: number;
  cwd?: string;
}

/** What one build fetches; each repository once. Remove it when the build is done. */
export class RemoteRoots {
  readonly #directories: string[] = [];
  readonly #clones = new Map<string, RemoteRoot>();

  /** A directory that goes with the others. */
  scratch(): string {
    const directory = mkdtempSync(join(tmpdir(), "kustomize-"));
    this.#directories.push(directory);
    return directory;
  }

  remove(): void {
    for (const directory of this.#directories) rmSync(directory, { recursive: true, force: true });
  }

  /** As kustomize: a shallow fetch of one ref. Throws `SourceUnavailable` with git's words. */
  clone(url: RepoUrl): RemoteRoot {
    const key = JSON.stringify([url.cloneUrl, url.ref, url.submodules]);
    let clone = this.#clones.get(key);
    if (!clone) this.#clones.set(key, (clone = this.#fetch(url)));
    return clone;
  }

  #fetch(url: RepoUrl): RemoteRoot {
    const cwd = this.scratch();
    const { timeoutMs } = url;
    const git = (...args: string[]): string =>
      runProgram({ program: "git", args, timeoutMs, what: `fetching ${url.cloneUrl}`, cwd });
    git("init", "--quiet");
    git("remote", "add", "--", "origin", url.cloneUrl);
    git("fetch", "--quiet", "--depth=1", "origin", "--", url.ref || "HEAD");
    git("checkout", "--quiet", "FETCH_HEAD");
    if (url.submodules) git("submodule", "update", "--init", "--recursive", "--quiet");
    return { files: diskTree(cwd, "path"), revision: git("rev-parse", "HEAD").trim() };
  }

  /** Undefined when the server has no such file. Throws `SourceUnavailable` when it cannot be asked. */
  download(url: string): Uint8Array | undefined {
    const args = ["--input-type=module", "-e", DOWNLOAD_PROGRAM, "--", url];
    const limits = { timeout: DOWNLOAD_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
    const { status, stdout, stderr, error } = spawnSync(process.execPath, args, limits);
    if (status === 0) return stdout;
    if (status === NO_SUCH_FILE) return undefined;
    throw unavailable(`downloading ${url}`, error?.message ?? stderr.toString(), "Check the address and the network.");
  }
}

/** Its output. Throws `SourceUnavailable` with what it said. */
export function runProgram({ program, args, what, timeoutMs, cwd }: Program): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: timeoutMs,
    maxBuffer: MAX_OUTPUT_BYTES,
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
  });
  if (status === 0) return stdout;
  const isLate = error && "code" in error && error.code === "ETIMEDOUT";
  const why = isLate ? `no answer within ${timeoutMs / 1_000} s` : (error?.message ?? stderr);
  throw unavailable(what, why, `Run ${program} by hand to see more.`);
}

function unavailable(what: string, why: string, hint: string): Failure {
  return new Failure({ reason: "SourceUnavailable", message: `${what}: ${why.trim()}`, hint });
}
