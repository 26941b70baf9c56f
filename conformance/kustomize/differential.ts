// Generated kustomizations, built by us and by the real library; a difference is shrunk and printed as files.

import fc from "fast-check";
import { memoryTree } from "@plumbline/core/model";
import { difference, ourOutcome } from "./corpus.ts";
import { generatedFiles, type GeneratedFiles } from "./generate.ts";
import type { KustomizeLibrary } from "./library.ts";

/** What we refuse and kustomize does not; see README.md. */
const KNOWN_REFUSAL = "a name hash is supported for ConfigMap and Secret";

export interface GeneratedRun {
  runs: number;
  seed: number;
  /** Random objects and settings unless told. */
  cases?: fc.Arbitrary<GeneratedFiles> | undefined;
}

/** How many cases both accepted with the same bytes, and how many both refused. */
export interface GeneratedResult {
  equal: number;
  refused: number;
}

/** Throws with a minimal reproduction when an answer differs. */
export async function checkGenerated(
  library: KustomizeLibrary,
  { runs, seed, cases = generatedFiles }: GeneratedRun,
): Promise<GeneratedResult> {
  const result: GeneratedResult = { equal: 0, refused: 0 };
  const property = fc.asyncProperty(cases, async (files) => {
    const theirs = await library.build(files, "overlay");
    const ours = ourOutcome(memoryTree(files), "overlay", { version: "(devel)" });
    if ("error" in ours && ours.error.includes(KNOWN_REFUSAL)) return;
    const found = difference(ours, theirs);
    if (found !== undefined) throw new RangeError(`${found}\n${printFiles(files)}`);
    if ("yaml" in ours) result.equal++;
    else result.refused++;
  });
  await fc.assert(property, { numRuns: runs, seed, endOnFailure: false });
  return result;
}

function printFiles(files: GeneratedFiles): string {
  return Object.entries(files)
    .map(([path, text]) => `=== ${path}\n${text}`)
    .join("");
}
