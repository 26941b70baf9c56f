// Which folder a path means, and what is said when there is none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, memoryTree } from "@plumbline/core/model";
import { deliveryFolder } from "./delivery-folder.ts";

const tree = memoryTree({ "apps/web/1.0/a.yaml": "", "apps/api/a.yaml": "", "readme.md": "" });

test("paths are cleaned, and end at the root", () => {
  const rows = [
    ["", ""],
    ["./", ""],
    ["/", ""],
    ["./apps/web", "apps/web"],
    ["/apps//web/", "apps/web"],
    ["../../apps/./web/../api", "apps/api"],
  ] as const;
  for (const [path, folder] of rows) assert.equal(deliveryFolder(tree, path), folder, path);
});

test("a folder that is not there is named, with what is there instead", () => {
  const rows = [
    ["./apps/nowhere", "ArtifactFailed", "Correct spec.path; apps has api, web"],
    ["other/deep/er", "ArtifactFailed", "Correct spec.path; the source has apps"],
    ["apps/web/1.0/b", "ArtifactFailed", "apps/web/1.0 has no folders"],
    ["readme.md", "BuildFailed", "Name the folder that the file is in"],
  ] as const;
  for (const [path, reason, hint] of rows) {
    assert.throws(
      () => deliveryFolder(tree, path),
      (thrown) =>
        thrown instanceof Failure &&
        thrown.reason === reason &&
        thrown.hint === hint &&
        thrown.where?.field === "spec.path",
      path,
    );
  }
});
