// Starts a program that cannot outlive this process, not even when this process is killed.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";

/**
 * Becomes the program itself (same pid), beside a watcher that waits for the end of the pipe on its standard input. The
 * kernel closes that pipe when the parent dies; the watcher then kills the program and removes the given folder. An
 * empty line instead of the end tells it that all is well. Signals to the whole group (Ctrl-C, `timeout`) do not stop it.
 */
const watchdog = `
exec 3<&0
( trap '' INT TERM HUP; read _ <&3 || { kill -KILL $$; sleep 1; rm -rf "$DOOMED_FOLDER"; } ) >/dev/null 2>&1 &
exec 3<&-
unset DOOMED_FOLDER
exec "$@" </dev/null
`;

const keptLogLines = 15;

export interface Supervised {
  readonly pid: number;
  /** Undefined while it runs. */
  exit(): string | undefined;
  /** Sends the signal and waits until the process is gone; SIGKILL follows after `graceMs`. */
  end(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** The last lines it wrote. */
  lastLines(): Promise<string>;
}

const graceMs = 5000;

/** `doomed` is a folder that goes away too when this process dies before it ended the program. */
export function supervise(program: string, args: readonly string[], log: string, doomed = ""): Supervised {
  const output = openSync(log, "a");
  const child = spawn("/bin/sh", ["-c", watchdog, "sh", program, ...args], {
    stdio: ["pipe", output, output],
    env: { ...process.env, DOOMED_FOLDER: doomed },
  });
  closeSync(output);
  let ended: string | undefined;
  const gone = new Promise<void>((resolve) => {
    const onEnd = (how: string): void => {
      ended ??= how;
      child.stdin?.on("error", () => undefined); // The watcher may be gone already.
      child.stdin?.end("\n");
      resolve();
    };
    child.on("error", (error) => onEnd(error.message));
    child.on("exit", (code, signal) => onEnd(signal ?? `code ${code}`));
  });
  unref(child);
  return {
    pid: child.pid ?? -1,
    exit: () => ended,
    end: async (signal = "SIGKILL") => {
      child.ref();
      // Before its end, at which Node closes the pipe: the watcher would take that for ours and remove the folder.
      await new Promise<void>((resolve) => (child.stdin ? child.stdin.write("\n", () => resolve()) : resolve()));
      child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await gone;
      clearTimeout(timer);
    },
    lastLines: async () => (await readFile(log, "utf8")).trimEnd().split("\n").slice(-keptLogLines).join("\n"),
  };
}

/** A program that still runs must not keep a finished test process alive. */
function unref(child: ChildProcess): void {
  child.unref();
  (child.stdin as { unref?: () => void } | null)?.unref?.();
}
