// Mutated kustomizations: whatever comes, a build ends soon, in a result or in a Failure.
// `node conformance/kustomize/fuzz.ts [seconds] [seed]`, ten minutes by default.

import { Failure, memoryTree } from "@plumbline/core/model";
import { build } from "@plumbline/core/kustomize";
import { ownCases } from "./cases.ts";
import { readKrustyCases, sha256 } from "./corpus.ts";

export interface FuzzRun {
  seconds: number;
  seed: number;
}

/** A build that takes longer is reported as a hang. */
const SLOW_MS = 5_000;

/** mulberry32: the same seed gives the same run. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const FRAGMENTS = [
  "__proto__",
  "constructor",
  "{}",
  "[]",
  "- ",
  ": ",
  "null",
  "&a [*a]",
  "<<: *a",
  "*a",
  "../",
  "/",
  "..",
  "$patch: delete",
  "$patch: x",
  "\u0000",
  "\ufeff",
  "\ud800",
  "9".repeat(40),
  "(a+)+$",
  "[",
  "!!binary x",
  "|2-\n",
  "---\n",
  "? ",
  "2020-01-01",
  ".inf",
];

export function mutate(text: string, random: () => number): string {
  const at = Math.floor(random() * (text.length + 1));
  const length = Math.floor(random() * 12);
  const pick = random();
  if (pick < 0.3) return text.slice(0, at) + FRAGMENTS[Math.floor(random() * FRAGMENTS.length)] + text.slice(at);
  if (pick < 0.5) return text.slice(0, at) + text.slice(at + length);
  if (pick < 0.65) return text.slice(0, at) + text.slice(Math.max(0, at - length * 5), at) + text.slice(at);
  if (pick < 0.8) {
    const lines = text.split("\n");
    const from = Math.floor(random() * lines.length);
    const to = Math.floor(random() * lines.length);
    lines.splice(to, 0, ...lines.splice(from, 1));
    return lines.join("\n");
  }
  if (pick < 0.9) return text.slice(0, at) + String.fromCharCode(Math.floor(random() * 0x250)) + text.slice(at + 1);
  return text.replaceAll(/\b[a-z]{3,}\b/g, (word) =>
    random() < 0.1 ? (FRAGMENTS[Math.floor(random() * FRAGMENTS.length)] ?? word) : word,
  );
}

export interface Seed {
  files: Record<string, string>;
  directory: string;
}

export function seeds(): Seed[] {
  const own = ownCases.map((each) => ({ files: each.files, directory: each.directory ?? "" }));
  const corpus = process.env["PLUMBLINE_CORPUS"];
  const suite = (corpus ? readKrustyCases(corpus) : []).map((each) => ({
    files: Object.fromEntries(Object.entries(each.files).map(([path, text]) => [path.replace(/^\/+/, ""), text])),
    directory: each.target.replace(/^\/+/, ""),
  }));
  return [...own, ...suite];
}

/** Runs for a while. Throws with the files when a build crashes with anything but a Failure, or hangs. */
export function fuzz({ seconds, seed }: FuzzRun): { builds: number; accepted: number; slowestMs: number } {
  const random = randomFrom(seed);
  const all = seeds();
  const found = { builds: 0, accepted: 0, slowestMs: 0 };
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    const { files, directory } = all[Math.floor(random() * all.length)] as Seed;
    const mutated = { ...files };
    const paths = Object.keys(files);
    for (let i = 0; i <= random() * 3; i++) {
      const path = paths[Math.floor(random() * paths.length)] as string;
      mutated[path] = mutate(mutated[path] as string, random);
    }
    const start = performance.now();
    try {
      build(memoryTree(mutated), directory, { sha256 });
      found.accepted++;
    } catch (error) {
      if (!(error instanceof Failure) || error.reason === "Internal") {
        throw new RangeError(`a crash with seed ${seed}: ${JSON.stringify({ directory, mutated })}`, { cause: error });
      }
    }
    found.builds++;
    const ms = performance.now() - start;
    found.slowestMs = Math.max(found.slowestMs, ms);
    if (ms > SLOW_MS) throw new RangeError(`a build of ${ms.toFixed(0)} ms: ${JSON.stringify({ directory, mutated })}`);
  }
  return found;
}

if (import.meta.main) {
  const [seconds = "600", seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
  console.log(`seed ${seed}`, fuzz({ seconds: Number(seconds), seed: Number(seed) }));
}
