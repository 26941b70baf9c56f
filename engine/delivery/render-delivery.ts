// Files -> manifests, loading bytes as the pure build asks for them.

import { buildDelivery } from "@plumbline/core/build";
import {
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

export interface Build {
  manifests: Manifest[];
  trace: Trace;
  digest: string;
}

/** Each round loads what the one before asked for; bases that refer to bases need a round each. */
const MAX_ROUNDS = 500;
/** How many files of a delivery's own folder are loaded before the first round. */
const MAX_PREFETCH = 500;

/** Throws Failure. The trace says what it depends on. */
export async function renderDelivery(
  snapshot: Snapshot,
  delivery: Delivery,
  given: { variables: Variables | undefined; sha256: (text: string) => string },
): Promise<Build> {
  await snapshot.load(filesBelow(snapshot, cleanPath(delivery.build.path), MAX_PREFETCH));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { tree, trace } = traceReads(snapshot);
    try {
      const { manifests, digest } = buildDelivery(tree, delivery, given);
      return { manifests, digest, trace };
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw asBuildFailure(error);
      await snapshot.load(withSiblings(snapshot, error.paths));
    }
  }
  throw new RangeError(`the build of ${delivery.build.path} did not end after ${MAX_ROUNDS} rounds of loading files`);
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
function withSiblings(tree: FileTree, paths: readonly string[]): string[] {
  const wanted = new Set(paths);
  for (const directory of new Set(paths.map(dirName))) {
    for (const path of filesBelow(tree, directory, MAX_PREFETCH)) if (dirName(path) === directory) wanted.add(path);
  }
  return [...wanted];
}
