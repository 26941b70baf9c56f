// Runs the console blocks of a Markdown page in order, with actions between them, and gives the page with their output.

import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../plumb.ts", import.meta.url));
const PATIENCE_MS = 60_000;

export interface Console {
  /** The output of one line as a shell runs it, both streams together, with a line end. */
  run(line: string): Promise<string>;
}

export interface ConsoleOptions {
  /** Where the lines run. */
  directory: string;
  kubeconfig: string;
  kubectl: string;
  /** What `plumb` takes for now, milliseconds since the epoch. */
  now: () => number;
}

/** Has `plumb` and `kubectl` as commands; `plumb` is the real program, its date fixed from outside. */
export function openConsole(options: ConsoleOptions): Console {
  const { directory, kubectl, kubeconfig, now } = options;
  const bin = join(directory, ".bin");
  mkdirSync(bin);
  const script = (name: string, text: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const date = "data:text/javascript,const at=Number(process.env.TEST_NOW);Date.now=()=>at";
  script("plumb", `exec '${process.execPath}' --import '${date}' '${PROGRAM}' "$@"`);
  script("kubectl", `exec '${kubectl}' "$@"`);
  return {
    run: (line) => {
      const env = {
        PATH: `${bin}:${process.env["PATH"] ?? ""}`,
        HOME: directory,
        KUBECONFIG: kubeconfig,
        LC_ALL: "C.UTF-8",
        TEST_NOW: String(now()),
      };
      return new Promise((resolve, reject) => {
        execFile("sh", ["-c", `exec 2>&1; ${line}`], { cwd: directory, env, timeout: PATIENCE_MS }, (error, stdout) => {
          // A command that exits with 1 has something to say; one that was killed or never ran has not.
          if (error && typeof error.code !== "number") reject(error);
          else resolve(stdout === "" || stdout.endsWith("\n") ? stdout : `${stdout}\n`);
        });
      });
    },
  };
}

export type Actions = Readonly<Record<string, () => Promise<unknown>>>;

/** Markers `<!-- test: name -->` call the action of that name; a marker without an action is an error. */
export async function playPage(page: string, console: Console, actions: Actions): Promise<string> {
  const part = /<!-- test: (?<action>\S+) -->|```console\n(?<block>[^`]*)```/g;
  const unused = new Set(Object.keys(actions));
  let played = "";
  let end = 0;
  for (const match of page.matchAll(part)) {
    played += page.slice(end, match.index);
    end = match.index + match[0].length;
    const { action, block } = match.groups ?? {};
    if (action === undefined) played += `\`\`\`console\n${await playBlock(block ?? "", console)}\`\`\``;
    else {
      const act = actions[action];
      if (!act) throw new Error(`the page asks for "${action}", which the test does not have`);
      unused.delete(action);
      await act();
      played += match[0];
    }
  }
  if (unused.size > 0) throw new Error(`the page never asks for ${[...unused].join(", ")}`);
  return played + page.slice(end);
}

/** Lines that begin with `$ ` are run, everything else is what they said last time. */
async function playBlock(block: string, console: Console): Promise<string> {
  let played = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("$ ")) played += `${line}\n${await console.run(line.slice(2))}`;
  }
  return played;
}
