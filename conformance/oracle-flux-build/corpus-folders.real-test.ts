// Every folder of the smaller real repositories: our build beside Flux's.

import assert from "node:assert/strict";
import { corpusTest } from "@plumbline/testkit/corpus";
import { compareFolders } from "./compare-folders.ts";

const rows: [repository: string, atLeast: number][] = [
  ["MahrRah+flux-reconciliation-windows-sample", 20],
  ["buzzfrog+contoso3", 150],
  ["docnolan+IPC-Platform-Engineering", 10],
  ["fluxcd+flux2-kustomize-helm-example", 8],
];

for (const [repository, atLeast] of rows) {
  corpusTest(
    `repos/${repository}`,
    `each folder of ${repository} builds to Flux's digest, or is refused by both`,
    async (folder, t) => {
      const { folders, built, differing, theirMs, ourMs } = await compareFolders(folder);
      t.diagnostic(
        `${folders} folders, ${built} of them build: Flux ${theirMs.toFixed()} ms, we ${ourMs.toFixed()} ms`,
      );
      assert.deepEqual(differing, []);
      assert.ok(built >= atLeast, String(built));
    },
  );
}
