// Runs the git program: clean environment, own process group, deadline, abort, bounded output.

import { type ChildProcess, spawn } from "node:child_process";
import { type Clock, Failure } from "@plumbline/core/model";

export interface GitProgram {
  program: string;
  clock: Clock;
  /** The whole environment of every git process; see `gitEnvironment`. */
  environment: Readonly<Record<string, string>>;
}

export interface GitRun {
  /** Another of git's programs than git itself. */
  program?: string;
  args: readonly string[];
  /** The bare repository to work in. */
  gitDirectory?: string;
  /** Settings for this run, through the environment: they may be secret. */
  config?: readonly (readonly [string, string])[];
  environment?: Readonly<Record<string, string>>;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  maxOutputBytes?: number;
}

/** git ran and failed; `translate` makes a Failure of it. Its text may hold secrets until then. */
export class GitExit extends Error {
  readonly code: number | null;
  readonly stderr: string;
  constructor(code: number | null, stderr: string) {
    super(`git exited with ${code}`);
    this.name = "GitExit";
    this.code = code;
    this.stderr = stderr;
  }
}

const MAX_STDERR_BYTES = 64 * 1024;
const DEFAULT_MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
const nullDevice = process.platform === "win32" ? "NUL" : "/dev/null";

/** Variables that git gets from ours: where programs are, where temporary files go, how to reach the network. */
const passedOn = ["PATH", "Path", "SystemRoot", "TEMP", "TMP", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"];
const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"];

/** Builds the environment: no configuration of the machine or the user, no prompts, only the allowed protocols. */
export function gitEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  options: { home: string; protocols: readonly string[] },
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of [...passedOn, ...proxies, ...proxies.map((proxy) => proxy.toLowerCase())]) {
    const value = from[name];
    if (value !== undefined) environment[name] = value;
  }
  const certificates = environment["SSL_CERT_FILE"];
  if (certificates !== undefined) environment["GIT_SSL_CAINFO"] = certificates;
  return {
    ...environment,
    HOME: options.home,
    XDG_CONFIG_HOME: options.home,
    LANG: "C",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: nullDevice,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
    // References are looked up as files; git 3 makes another format by default.
    GIT_DEFAULT_REF_FORMAT: "files",
    GIT_ALLOW_PROTOCOL: options.protocols.join(":"),
  };
}

/** Settings of every run: nothing runs by itself, nothing is asked, packs stay packs. */
const baseConfig: readonly (readonly [string, string])[] = [
  ["core.hooksPath", nullDevice],
  ["core.askPass", ""],
  ["credential.helper", ""],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["fetch.unpackLimit", "1"],
  ["fetch.recurseSubmodules", "false"],
  ["protocol.version", "2"],
  ["core.fsync", "committed,reference"],
];

/** The first version that takes settings from the environment; older ones would drop them, credentials included. */
const MIN_VERSION = [2, 31] as const;

/** Throws `GitOperationFailed` when there is no git, or one that is too old. Resolves to the folder of its programs. */
export async function checkGit(git: GitProgram): Promise<string> {
  const ask = async (question: string): Promise<string> => {
    const { stdout } = await runGit(git, { args: [question], timeoutMs: 10_000, maxOutputBytes: 4096 });
    return stdout.toString("utf8").trim();
  };
  const [text, folder] = await Promise.all([ask("--version"), ask("--exec-path")]);
  const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(text) ?? [];
  const isNewEnough =
    Number(major) > MIN_VERSION[0] || (Number(major) === MIN_VERSION[0] && Number(minor) >= MIN_VERSION[1]);
  if (isNewEnough) return folder;
  throw new Failure({
    reason: "GitOperationFailed",
    message: `${git.program} is too old: ${text}`,
    hint: `Install git ${MIN_VERSION.join(".")} or newer`,
  });
}

/** Starts git in a process group of its own. The caller ends it with `killGroup`. */
export function startGit(
  git: GitProgram,
  run: Pick<GitRun, "program" | "args" | "gitDirectory" | "config" | "environment">,
): ChildProcess {
  const config = [...baseConfig, ...(run.config ?? [])];
  const environment: Record<string, string> = { ...git.environment, ...run.environment };
  environment["GIT_CONFIG_COUNT"] = String(config.length);
  for (const [index, [key, value]] of config.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  if (run.gitDirectory !== undefined) environment["GIT_DIR"] = run.gitDirectory;
  const stdio = ["pipe", "pipe", "pipe"] as const;
  const child = spawn(run.program ?? git.program, run.args, {
    env: environment,
    stdio: [...stdio],
    detached: true,
    windowsHide: true,
  });
  // A git that ends early closes its input; its exit code says why.
  child.stdin?.on("error", () => undefined);
  return child;
}

/** Ends git and whatever it started. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL"); // the group is gone already, or was never made
  }
}

/** What a finished run printed. */
export interface GitOutput {
  stdout: Buffer;
}

/** How a conversation with a running git goes: it gets the process and resolves when it has what it wants. */
export type Converse<T> = (child: ChildProcess) => Promise<T>;

/** Runs git to its end and resolves to its output. Throws `GitExit`, or a `Failure` for a timeout or no program. */
export function runGit(git: GitProgram, run: GitRun): Promise<GitOutput> {
  const limit = run.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES;
  return superviseGit(git, run, async (child) => {
    child.stdin?.end();
    return { stdout: await readAll(child, limit) };
  });
}

async function readAll(child: ChildProcess, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of (child.stdout ?? []) as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limit) {
      throw new Failure({
        reason: "LimitExceeded",
        message: `git printed more than ${limit} bytes`,
        hint: "Split the repository, or leave folders out with spec.ignore and a sparse checkout",
      });
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** What `converse` throws when git's output ends too early: git's exit code and last words then say why. */
export class EndOfOutput extends Error {
  constructor() {
    super("git's output ended early");
    this.name = "EndOfOutput";
  }
}

/** Runs git under deadline and abort while `converse` talks to it. A bad exit code wins over what `converse` gave. */
export async function superviseGit<T>(git: GitProgram, run: GitRun, converse: Converse<T>): Promise<T> {
  run.signal?.throwIfAborted();
  const child = startGit(git, run);
  const errors = collectErrors(child);
  const ended = whenEnded(run.program ?? git.program, child);
  const stop = withDeadline(git.clock, run, child);
  const talk = converse(child).catch((error: unknown) => {
    if (!(error instanceof EndOfOutput)) {
      killGroup(child);
      // Output that nobody reads any more would keep the process from counting as ended.
      child.stdout?.destroy();
    }
    throw error;
  });
  try {
    const [code, said] = await Promise.race([stop.stopped, Promise.allSettled([ended, talk])]);
    if (code.status === "rejected") throw code.reason;
    if (said.status === "fulfilled" && code.value === 0) return said.value;
    const isOurs = said.status === "rejected" && !(said.reason instanceof EndOfOutput);
    throw isOurs ? said.reason : new GitExit(code.value, errors());
  } finally {
    stop.cancel();
    killGroup(child);
  }
}

function collectErrors(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.on("data", (bytes: Buffer) => {
    if (text.length < MAX_STDERR_BYTES) text += bytes.toString("utf8");
  });
  return () => text;
}

function whenEnded(program: string, child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on("close", resolve);
    child.on("error", (cause: NodeJS.ErrnoException) => {
      const missing = cause.code === "ENOENT";
      reject(
        new Failure({
          reason: "GitOperationFailed",
          message: missing ? `the program "${program}" was not found` : `git could not be started: ${cause.message}`,
          hint: "Install git 2.31 or newer (with its HTTP support) and put it on PATH",
          cause,
        }),
      );
    });
  });
}

function withDeadline(clock: Clock, run: GitRun, child: ChildProcess): { stopped: Promise<never>; cancel: () => void } {
  let cancel = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    const stop = (why: unknown): void => {
      killGroup(child);
      reject(why as Error); // an abort reason is whatever the caller gave
    };
    const cancelTimer = clock.after(run.timeoutMs, () => stop(timedOut(run.timeoutMs)));
    const onAbort = (): void => stop(run.signal?.reason);
    run.signal?.addEventListener("abort", onAbort, { once: true });
    cancel = () => {
      cancelTimer();
      run.signal?.removeEventListener("abort", onAbort);
    };
  });
  stopped.catch(() => undefined);
  return { stopped, cancel };
}

function timedOut(timeoutMs: number): Failure {
  return new Failure({
    reason: "GitOperationFailed",
    message: `the Git operation took longer than ${timeoutMs / 1000} s`,
    hint: "Check that the server is reachable and not overloaded, or raise spec.timeout",
    where: { field: "spec.timeout" },
  });
}
