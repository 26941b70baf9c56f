// Files -> manifests, loading bytes as the pure build asks for them.

import { buildDelivery } from "@plumbline/core/build";
import {
  type Clock,
  type Delivery,
  Failure,
  type FileTree,
  type Manifest,
  NotLoaded,
  type Reason,
  type Variables,
  asFailure,
  dirName,
} from "@plumbline/core/model";
import { type Trace, traceReads } from "@plumbline/core/render";
import type { Snapshot } from "../ports/index.ts";
import { inTurn } from "./large-builds.ts";

export interface Build {
  manifests: Manifest[];
  trace: Trace;
  digest: string;
}

/** Each round loads what the one before asked for; bases that refer to bases need a round each. */
const MAX_ROUNDS = 500;
/** What of a delivery's own folder is loaded before the first round, and beside what is asked for. */
const MAX_PREFETCH = 500;
const MAX_PREFETCH_BYTES = 4 * 1024 * 1024;
/**
 * What one build may read. It keeps some twenty times as much in memory, of which the operator has 512 MiB, and nothing
 * else happens while it is made: about a second for 7 MiB.
 */
export const MAX_BUILD_BYTES = 16 * 1024 * 1024;
/** Files that the message about that names. */
const MAX_NAMED = 3;

export interface RenderGiven {
  variables: Variables | undefined;
  sha256: (text: string) => string;
  clock: Clock;
}

/** Throws Failure. The trace says what it depends on. */
export async function renderDelivery(snapshot: Snapshot, delivery: Delivery, given: RenderGiven): Promise<Build> {
  const first = within(snapshot, filesBelow(snapshot, cleanPath(delivery.build.path), MAX_PREFETCH));
  await snapshot.load(first);
  const firstBytes = sizeOf(snapshot, first);
  /** Paths that the build asked for. */
  const asked = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { tree, trace } = traceReads(snapshot);
    try {
      const build = (): Build => ({ ...buildDelivery(tree, delivery, given), trace });
      return await inTurn(given.clock, Math.max(firstBytes, sizeOf(snapshot, asked)), build);
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw asBuildFailure(error);
      for (const path of [...trace.contents.keys(), ...error.paths]) asked.add(path);
      checkSize(snapshot, asked, delivery);
      await snapshot.load(withSiblings(snapshot, error.paths));
    }
  }
  throw new RangeError(`the build of ${delivery.build.path} did not end after ${MAX_ROUNDS} rounds of loading files`);
}

function sizeOf(snapshot: Snapshot, paths: Iterable<string>): number {
  let bytes = 0;
  for (const path of paths) bytes += snapshot.size(path) ?? 0;
  return bytes;
}

/** Before anything of it is loaded: what does not fit into memory must not get there. */
function checkSize(snapshot: Snapshot, paths: ReadonlySet<string>, delivery: Delivery): void {
  const bytes = sizeOf(snapshot, paths);
  if (bytes <= MAX_BUILD_BYTES) return;
  const files = [...paths].map((path) => ({ path, size: snapshot.size(path) ?? 0 })).sort((a, b) => b.size - a.size);
  const largest = files.slice(0, MAX_NAMED).map(({ path, size }) => `${path} (${mebibytes(size)})`);
  throw new Failure({
    reason: "BuildFailed",
    message: `the files of ${delivery.build.path || "the root"} have ${mebibytes(bytes)}, more than the ${mebibytes(MAX_BUILD_BYTES)} that one build may read; the largest: ${largest.join(", ")}`,
    hint: "Split them over several Kustomizations, and leave out what is no manifest",
    where: { file: files[0]?.path ?? "" },
  });
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** As many of the paths as may be loaded on suspicion. */
function within(snapshot: Snapshot, paths: readonly string[]): string[] {
  let left = MAX_PREFETCH_BYTES;
  return paths.filter((path) => {
    const size = snapshot.size(path) ?? 0;
    if (size > left) return false;
    left -= size;
    return true;
  });
}

/** The engines' own reasons are finer than the conditions that people know: to them it is a build that failed. */
function asBuildFailure(error: unknown): Failure {
  const failure = asFailure(error, "BuildFailed");
  if (!ENGINE_REASONS.has(failure.reason)) return failure;
  const { message, hint, where, retry } = failure;
  return new Failure({
    reason: "BuildFailed",
    message,
    retry,
    cause: error,
    ...(hint === undefined ? {} : { hint }),
    ...(where === undefined ? {} : { where }),
  });
}

const ENGINE_REASONS: ReadonlySet<Reason> = new Set<Reason>([
  "YamlInvalid",
  "TemplateFailed",
  "ChartInvalid",
  "ValuesInvalid",
  "LimitExceeded",
]);

/** Other files may be large and are mostly not read. */
const MANIFEST = /(\.ya?ml|^Kustomization)$/;

function cleanPath(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

function filesBelow(tree: FileTree, directory: string, limit: number): string[] {
  const files: string[] = [];
  const pending = [directory];
  for (let next = pending.pop(); next !== undefined && files.length < limit; next = pending.pop()) {
    const prefix = next === "" ? "" : `${next}/`;
    for (const entry of tree.list(next)) {
      if (entry.kind === "file" && MANIFEST.test(entry.name)) files.push(prefix + entry.name);
      else if (entry.kind === "directory") pending.push(prefix + entry.name);
    }
  }
  return files.slice(0, limit);
}

/** A build that wants one file of a folder mostly wants the others next. */
function withSiblings(snapshot: Snapshot, paths: readonly string[]): string[] {
  const wanted = new Set(paths);
  const beside: string[] = [];
  for (const directory of new Set(paths.map(dirName))) {
    for (const path of filesBelow(snapshot, directory, MAX_PREFETCH)) {
      if (dirName(path) === directory && !wanted.has(path)) beside.push(path);
    }
  }
  return [...wanted, ...within(snapshot, beside)];
}
