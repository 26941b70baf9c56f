// Runs the git program for the server's side: a clean environment, bytes in, bytes out.

import { type ChildProcess, spawn } from "node:child_process";
import { Failure } from "@plumbline/core/model";

export interface GitProgram {
  /** Default `git` on PATH. */
  program?: string;
}

/** What git needs from our environment and nothing that could steer it elsewhere. */
export function serverEnvironment(extra: Record<string, string>): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    LANG: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    ...extra,
  };
}

export function spawnGit(git: GitProgram, args: readonly string[], extra: Record<string, string> = {}): ChildProcess {
  return spawn(git.program ?? "git", [...args], { env: serverEnvironment(extra), stdio: ["pipe", "pipe", "pipe"] });
}

/** Runs to the end; throws `GitOperationFailed` with git's own words on a non-zero exit. Resolves to stdout. */
export function runGit(git: GitProgram, args: readonly string[], input: readonly Uint8Array[] = []): Promise<Buffer> {
  const child = spawnGit(git, args);
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout?.on("data", (bytes: Buffer) => out.push(bytes));
  child.stderr?.on("data", (bytes: Buffer) => errors.push(bytes));
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => reject(notRunnable(git, cause)));
    child.on("close", (code) => {
      if (code === 0) return resolve(Buffer.concat(out));
      const said = Buffer.concat(errors).toString("utf8").trim();
      reject(new Failure({ reason: "GitOperationFailed", message: `git ${args[0] ?? ""} failed: ${said}` }));
    });
    // A git that ends early closes its input; its exit code tells why.
    child.stdin?.on("error", () => undefined);
    for (const part of input) child.stdin?.write(part);
    child.stdin?.end();
  });
}

function notRunnable(git: GitProgram, cause: Error): Failure {
  return new Failure({
    reason: "GitOperationFailed",
    message: `the program ${git.program ?? "git"} could not be started`,
    hint: "Install git 2.31 or newer and put it on PATH",
    cause,
  });
}
