// The real Go library in one warm process, over the same cases.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildGoProgram } from "@plumbline/testkit/go";
import { peakMb } from "@plumbline/testkit/measure";
import type { RepoCase } from "../../conformance/kustomize/corpus.ts";
import type { BuiltAll } from "./build-all.ts";

/** Builds all of them twice; the second time counts. */
export async function buildWithLibrary(cases: readonly RepoCase[]): Promise<BuiltAll> {
  const module = "conformance/kustomize/library";
  const program = await buildGoProgram({ module, package: ".", name: "kustomize-library" });
  const child = spawn(program, [], { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const result: BuiltAll = { samples: [], peakMb: 0 };
  for (const each of [...cases, ...cases]) {
    child.stdin.write(`${each.restrictor}\t${join(each.root, each.directory)}\n`);
    const answer = JSON.parse((await lines.next()).value as string) as { ms: number; bytes: number; error?: string };
    result.samples.push({ ms: answer.ms, bytes: answer.bytes, failed: answer.error !== undefined });
  }
  result.peakMb = peakMb(child.pid ?? 0);
  child.stdin.end();
  await once(child, "exit");
  return { ...result, samples: result.samples.slice(cases.length) };
}
