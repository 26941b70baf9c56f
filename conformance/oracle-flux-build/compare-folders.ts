// Builds every folder of a repository as the path of a Kustomization, as Flux does and as we do.

import { createHash } from "node:crypto";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuiltDelivery, buildDelivery } from "@plumbline/core/build";
import { createBuildCache } from "@plumbline/core/kustomize";
import { type Delivery, Failure, type FileTree, memoryTree } from "@plumbline/core/model";
import { readKustomization } from "@plumbline/dialects/flux";
import { askFlux, type FluxBuild, owner } from "./flux-build-oracle.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

interface Repository {
  root: string;
  tree: FileTree;
  folders: string[];
}

function readRepository(root: string): Repository {
  const entries = globSync("**/*", { cwd: root, withFileTypes: true });
  const pathOf = (entry: { parentPath: string; name: string }): string =>
    join(entry.parentPath, entry.name).slice(root.length + 1);
  const files = entries.filter((entry) => entry.isFile()).map(pathOf);
  return {
    root,
    tree: memoryTree(Object.fromEntries(files.map((path) => [path, readFileSync(join(root, path))])), (bytes) =>
      createHash("sha256").update(bytes).digest("hex"),
    ),
    folders: [...new Set(files.flatMap(parentsOf))].sort(),
  };
}

/** Folders without any file are in no commit. */
function parentsOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return ["", ...parts.map((_, index) => parts.slice(0, index + 1).join("/"))];
}

function deliveryOf(path: string): Delivery {
  const sourceRef = { kind: "GitRepository", name: "fleet" };
  return readKustomization({
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: owner,
    spec: { interval: "1m", prune: true, sourceRef, path },
  });
}

interface Mine {
  built: BuiltDelivery | undefined;
  failure: Failure | undefined;
}

function ours(tree: FileTree, path: string, cache = createBuildCache()): Mine {
  try {
    return {
      built: buildDelivery(tree, deliveryOf(path), { variables: undefined, sha256, cache }),
      failure: undefined,
    };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { built: undefined, failure: thrown };
  }
}

/** A sentence for a folder on which we and Flux disagree. */
function difference(mine: Mine, theirs: FluxBuild | undefined): string | undefined {
  if (theirs?.error !== undefined) return mine.built ? `Flux refuses: ${theirs.error.slice(0, 300)}` : undefined;
  if (!mine.built) return `we refuse: ${mine.failure?.message.slice(0, 300)}`;
  return mine.built.digest === theirs?.digest ? undefined : "another digest";
}

export interface Comparison {
  /** How many folders there are, and how many of them Flux builds. */
  folders: number;
  built: number;
  /** A sentence for each folder on which we and Flux disagree. */
  differing: string[];
  theirMs: number;
  ourMs: number;
}

/** Works on a copy of the repository, which is gone afterwards. */
export async function compareFolders(repository: string): Promise<Comparison> {
  const work = mkdtempSync(join(tmpdir(), "plumbline-folders-"));
  try {
    cpSync(repository, work, { recursive: true });
    return await compareAll(readRepository(work));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function compareAll({ root, tree, folders }: Repository): Promise<Comparison> {
  const started = performance.now();
  const answers = await askFlux(folders.map((path) => ({ root, path, spec: {} })));
  const asked = performance.now();
  const cache = createBuildCache();
  const differing: string[] = [];
  for (const [index, path] of folders.entries()) {
    const found = difference(ours(tree, path, cache), answers[index]);
    if (found !== undefined) differing.push(`${path}: ${found}`);
  }
  const built = answers.filter((answer) => answer.error === undefined).length;
  const ourMs = performance.now() - asked;
  return { folders: folders.length, built, differing, theirMs: asked - started, ourMs };
}
