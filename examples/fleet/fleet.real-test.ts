// The sample fleet beside the real kustomize.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { build } from "@plumbline/core/kustomize";
import { memoryTree } from "@plumbline/core/model";
import { kustomizeBinary } from "@plumbline/testkit/go";

const folder = import.meta.dirname;

test("every kustomization of the fleet gives the real kustomize's bytes", async () => {
  const paths = globSync("**/*.yaml", { cwd: folder });
  const tree = memoryTree(Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")])));
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const kustomize = await kustomizeBinary();
  const kustomizations = paths.filter((path) => path.endsWith("/kustomization.yaml")).map(dirname);
  assert.ok(kustomizations.length >= 7);
  for (const path of kustomizations) {
    const { stdout } = await promisify(execFile)(kustomize, ["build", join(folder, path)], { timeout: 60_000 });
    assert.equal(build(tree, path, { sha256 }).yaml, stdout, path);
  }
});
