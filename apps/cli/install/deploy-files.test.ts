// The committed manifests below deploy/ are the ones that the definitions give.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deployFiles } from "./deploy-files.ts";

const deploy = join(import.meta.dirname, "..", "..", "..", "deploy");

test("the files below deploy/ are those that the definitions give (node deploy/write.ts writes them)", () => {
  const files = deployFiles();
  const written = globSync("**/*.yaml", { cwd: deploy }).sort();
  assert.deepEqual(written, Object.keys(files).sort());
  for (const [path, text] of Object.entries(files)) assert.equal(readFileSync(join(deploy, path), "utf8"), text, path);
});
