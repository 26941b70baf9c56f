// Calls the `go` command.

import { spawn } from "node:child_process";
import { Failure } from "@plumbline/core/model";

const heartbeatMs = 60_000;
const keptErrorLines = 20;

/** What every build has in common: no cgo, no settings of the machine that would change the result. */
const environment = { CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };

/**
 * Runs `go` and gives its standard output. Throws `UsageError` when there is no Go, `BuildFailed` with the last lines
 * of its errors when it fails. `title` names the work in messages; with `progress` a line a minute says it goes on.
 */
export async function runGo(
  args: readonly string[],
  options: { cwd: string; title: string; env?: Record<string, string>; progress?: boolean },
): Promise<string> {
  const started = performance.now();
  const timer = options.progress
    ? setInterval(() => say(`still ${options.title} (${minutes(started)})`), heartbeatMs)
    : undefined;
  try {
    return await collect(args, options);
  } finally {
    clearInterval(timer);
  }
}

/** Tells whoever watches the terminal, on stderr. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function minutes(started: number): string {
  return `${Math.round((performance.now() - started) / heartbeatMs)} min`;
}

function collect(
  args: readonly string[],
  options: { cwd: string; title: string; env?: Record<string, string> },
): Promise<string> {
  const child = spawn("go", args, {
    cwd: options.cwd,
    env: { ...process.env, ...environment, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => reject(goMissing(options.title, cause)));
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(stdout);
      const lines = stderr
        .trimEnd()
        .split("\n")
        .filter((line) => !line.startsWith("go: downloading "));
      const message = `go ${args[0]} ended with ${signal ?? `code ${code}`} while ${options.title}:\n${lines.slice(-keptErrorLines).join("\n")}`;
      reject(
        new Failure({
          reason: "BuildFailed",
          message,
          where: { file: options.cwd },
          hint: "Fix what Go names; a download error goes away with a connection to a Go module proxy",
        }),
      );
    });
  });
}

function goMissing(title: string, cause: Error): Failure {
  return new Failure({
    reason: "UsageError",
    message: `Go is not installed, and ${title} needs it`,
    hint: "Install Go 1.26 or newer from https://go.dev/dl and put `go` on the PATH",
    cause,
  });
}
