// The real kustomize library in a warm process, for comparisons by the thousand.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { buildGoProgram } from "@plumbline/testkit/go";
import type { Outcome } from "./corpus.ts";

/** A running process of `conformance/kustomize/library`; close it when done. */
export class KustomizeLibrary {
  readonly #program: string;
  readonly #scratch = mkdtempSync(join(tmpdir(), "plumbline-kustomize-"));
  #process: { child: ChildProcess; lines: AsyncIterator<string> };
  #count = 0;

  constructor(program: string) {
    this.#program = program;
    this.#process = this.#spawn();
  }

  #spawn(): { child: ChildProcess; lines: AsyncIterator<string> } {
    const child = spawn(this.#program, ["-output"], { stdio: ["pipe", "pipe", "ignore"] });
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  }

  static async start(): Promise<KustomizeLibrary> {
    const module = "conformance/kustomize/library";
    return new KustomizeLibrary(await buildGoProgram({ module, package: ".", name: "kustomize-library" }));
  }

  /** Writes the files to disk and builds one of their directories. */
  async build(
    files: Record<string, string>,
    directory: string,
    restrictor = "LoadRestrictionsRootOnly",
  ): Promise<Outcome> {
    const root = join(this.#scratch, String(this.#count++));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const bringsSchema = Object.values(files).some((text) => /^openapi:/m.test(text));
    this.#process.child.stdin?.write(`${restrictor}\t${join(root, directory)}${bringsSchema ? "\treset" : ""}\n`);
    const { value, done } = await this.#process.lines.next();
    rmSync(root, { recursive: true, force: true });
    if (done) {
      // log.Fatal in the library ends its process.
      this.#process = this.#spawn();
      return { error: "the library ended its process" };
    }
    const answer = JSON.parse(value) as { error?: string; output?: string };
    return answer.error === undefined ? { yaml: answer.output ?? "" } : { error: answer.error };
  }

  async close(): Promise<void> {
    const { child } = this.#process;
    child.stdin?.end();
    if (child.exitCode === null) await once(child, "exit");
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}
