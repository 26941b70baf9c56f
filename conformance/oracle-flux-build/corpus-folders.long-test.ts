// Every folder of the largest real repository: our build beside Flux's.

import assert from "node:assert/strict";
import { corpusTest } from "@plumbline/testkit/corpus";
import { compareFolders } from "./compare-folders.ts";

const repository = "kubeflow+manifests";
const atLeast = 150;

corpusTest(
  `repos/${repository}`,
  `each folder of ${repository} builds to Flux's digest, or is refused by both`,
  async (folder, t) => {
    const { folders, built, differing, theirMs, ourMs } = await compareFolders(folder);
    t.diagnostic(`${folders} folders, ${built} of them build: Flux ${theirMs.toFixed()} ms, we ${ourMs.toFixed()} ms`);
    assert.deepEqual(differing, []);
    assert.ok(built >= atLeast, String(built));
  },
);
