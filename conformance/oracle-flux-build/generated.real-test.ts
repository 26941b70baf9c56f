// The kustomization file that we build with, beside the one that Flux writes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryTree } from "@plumbline/core/model";
import { deliveryFolder, generateKustomization } from "@plumbline/core/build";
import { readKustomization } from "@plumbline/dialects/flux";
import { buildCases } from "./cases.ts";
import { askFlux, owner } from "./flux-build-oracle.ts";

test("the kustomization file is Flux's to the letter, for every case in which Flux makes one", async () => {
  const answers = await askFlux(buildCases);
  let compared = 0;
  for (const [index, { name, files, path, spec }] of buildCases.entries()) {
    const theirs = answers[index]?.generated ?? "";
    if (theirs === "") continue;
    compared++;
    const tree = memoryTree(files);
    const { build } = readKustomization({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: owner,
      spec: { interval: "1m", prune: true, sourceRef: { kind: "GitRepository", name: "fleet" }, ...spec, path },
    });
    assert.equal(generateKustomization(tree, deliveryFolder(tree, build.path), build).text, theirs, name);
  }
  assert.ok(compared >= 40, String(compared));
});
