// Starts the real program `plumb` as a child process, as its users do.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TestHooks } from "@plumbline/testkit/control-plane";

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const PROGRAM = fileURLToPath(new URL("../../plumb.ts", import.meta.url));
const PATIENCE_MS = 60_000;

/** Runs it to its end; it is killed after a minute. */
export async function plumb(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const running = start(args, env);
  const timer = setTimeout(() => running.child.kill("SIGKILL"), PATIENCE_MS);
  const code = await running.ended;
  clearTimeout(timer);
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

export interface Running {
  child: ChildProcess;
  /** Resolves with the exit code, `null` after a signal. */
  ended: Promise<number | null>;
  stdout(): string;
  stderr(): string;
  /** Log lines so far. */
  log(): Record<string, unknown>[];
  /** The first log line with this message; waits for it. */
  logged(message: string | RegExp): Promise<Record<string, unknown>>;
}

/** Leaves it running until the test ends. */
export function startPlumb(test: TestHooks, args: readonly string[]): Running {
  const running = start(args, {});
  test.after(async () => {
    running.child.kill("SIGKILL");
    await running.ended;
  });
  return running;
}

function start(args: readonly string[], env: Record<string, string>): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.stderr += text));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const log = (): Record<string, unknown>[] =>
    texts.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const logged = async (message: string | RegExp): Promise<Record<string, unknown>> => {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = log().find(({ msg }) =>
        typeof message === "string" ? msg === message : message.test(String(msg)),
      );
      if (found) return found;
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`plumb never logged ${String(message)}; it said:\n${texts.stdout}${texts.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  return { child, ended, stdout: () => texts.stdout, stderr: () => texts.stderr, log, logged };
}
