// The parent's side of `operator-process.ts`.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TestHooks } from "@plumbline/testkit/control-plane";
import type { Order, Word } from "./operator-process.ts";

const PROGRAM = fileURLToPath(new URL("./operator-process.ts", import.meta.url));
const PATIENCE_MS = 180_000;

export interface HostedOperators {
  /** Everything it said so far. */
  readonly words: Word[];
  /** The first word that fits, waited for. */
  word<T extends Word["type"]>(
    type: T,
    fits?: (word: Extract<Word, { type: T }>) => boolean,
  ): Promise<Extract<Word, { type: T }>>;
  arm(namespace: string, point: { label: string; when: "before" | "after" } | undefined): Promise<void>;
  measure(): Promise<{ heapBytes: number; rssBytes: number }>;
  /** SIGKILL: no cleaning up. Resolves when the process is gone. */
  kill(): Promise<void>;
}

export interface HostOptions {
  kubeconfig: string;
  /** Instead of the kubeconfig's address. */
  server?: string;
  sites: { namespace: string; cache: string }[];
  /** A program and its arguments that start node. */
  within?: readonly string[];
}

/** Resolves when all operators are started. */
export async function hostOperators(test: TestHooks, options: HostOptions): Promise<HostedOperators> {
  const [program, ...args] = [...(options.within ?? []), process.execPath, PROGRAM];
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const gone = once(child, "exit");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await gone;
  };
  test.after(kill);
  const words: Word[] = [];
  const listeners = new Set<() => void>();
  child.on("message", (word: Word) => {
    words.push(word);
    for (const listener of listeners) listener();
  });
  const word: HostedOperators["word"] = (type, fits = () => true) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => end(() => reject(new Error(`no ${type} in ${PATIENCE_MS} ms: ${lastErrors(words)}`))),
        PATIENCE_MS,
      );
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        listeners.delete(look);
        settle();
      };
      const look = (): void => {
        for (const said of words)
          if (said.type === type && fits(said as never)) return end(() => resolve(said as never)); // the type was compared
      };
      listeners.add(look);
      look();
    });
  send(child, { type: "start", ...options });
  await word("started");
  return {
    words,
    word,
    kill,
    arm: async (namespace, point) => {
      const from = words.length;
      send(child, { type: "arm", namespace, point });
      await word("armed", (said) => said.namespace === namespace && words.indexOf(said) >= from);
    },
    measure: async () => {
      const from = words.length;
      send(child, { type: "measure" });
      return await word("measured", (said) => words.indexOf(said) >= from);
    },
  };
}

function send(child: ChildProcess, order: Order): void {
  child.send(order);
}

function lastErrors(words: readonly Word[]): string {
  return words
    .flatMap((word) => (word.type === "error" ? [word.text] : []))
    .slice(-5)
    .join("; ");
}
