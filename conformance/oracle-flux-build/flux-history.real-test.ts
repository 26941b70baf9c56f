// The digests that real Flux recorded in status.history, made again from the same commits.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildDelivery } from "@plumbline/core/build";
import {
  dig,
  digString,
  type FileTree,
  isObject,
  type Manifest,
  memoryTree,
  refKey,
  refOf,
} from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { readGitRepository, readKustomization } from "@plumbline/dialects/flux";
import { corpusTest } from "@plumbline/testkit/corpus";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function objectsIn(file: string): Manifest[] {
  const items = dig(parseYaml(readFileSync(file, "utf8")), "items");
  assert.ok(Array.isArray(items));
  return items.filter(isObject);
}

async function treeOf(bundle: string, into: string): Promise<FileTree> {
  const run = promisify(execFile);
  await run("git", ["clone", "-q", "--branch", "main", bundle, into], { timeout: 60_000 });
  const files: Record<string, Uint8Array> = {};
  for (const entry of globSync("**/*", { cwd: into, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(into.length + 1);
    if (entry.isFile() && !path.startsWith(".git/")) files[path] = readFileSync(join(into, path));
  }
  return memoryTree(files);
}

function recordedDigest(object: Manifest): string | undefined {
  const history = dig(object, "status", "history");
  return Array.isArray(history) ? digString(history[0], "digest") : undefined;
}

corpusTest(
  "flux-cluster",
  "every digest that Flux recorded is made again, with the same objects",
  async (folder, t) => {
    const work = mkdtempSync(join(tmpdir(), "plumbline-history-"));
    t.after(() => rmSync(work, { recursive: true, force: true }));
    const objects = objectsIn(join(folder, "flux-objects.yaml"));
    const trees = new Map<string, FileTree>();
    for (const source of objects.filter((object) => object.kind === "GitRepository").map(readGitRepository)) {
      const repository = source.url.replace(/^.*\//u, "").replace(/\.git$/u, "");
      trees.set(source.origin.name, await treeOf(join(folder, `${repository}.bundle`), join(work, source.origin.name)));
    }
    let compared = 0;
    for (const object of objects.filter((entry) => entry.kind === "Kustomization")) {
      const digest = recordedDigest(object);
      if (digest === undefined) continue;
      const delivery = readKustomization(object);
      const tree = trees.get(delivery.source.name);
      assert.ok(tree);
      const built = buildDelivery(tree, delivery, { variables: delivery.substitution?.inline, sha256 });
      assert.equal(built.digest, digest, delivery.origin.name);
      compared++;
      if (delivery.inventory.length > 0)
        assert.deepEqual(keysOf(built.manifests), delivery.inventory.map(refKey).sort());
    }
    assert.ok(compared >= 5, String(compared));
  },
);

function keysOf(manifests: Manifest[]): string[] {
  return manifests.map((manifest) => refKey(refOf(manifest))).sort();
}
