// Compares whole builds with Flux's: the objects, the digest of status.history, what is sent, and who refuses what.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { buildDelivery } from "@plumbline/core/build";
import { equalJson, Failure, type JsonObject, memoryTree } from "@plumbline/core/model";
import { normalizeManifest } from "@plumbline/core/plan";
import { readKustomization } from "@plumbline/dialects/flux";
import type { BuildCase } from "./cases.ts";
import { type FluxBuild, owner } from "./flux-build-oracle.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const ownerLabels = {
  "kustomize.toolkit.fluxcd.io/name": owner.name,
  "kustomize.toolkit.fluxcd.io/namespace": owner.namespace,
};

/** What the controller adds to what the oracle answers. */
function withOwner(object: JsonObject): JsonObject {
  const metadata = object.metadata as JsonObject; // Flux dropped what has no name
  return {
    ...object,
    metadata: { ...metadata, labels: { ...(metadata.labels as JsonObject | undefined), ...ownerLabels } },
  };
}

/** Flux sets it to null, so that the API server does not take one that stands in a manifest. */
function withoutTime(object: JsonObject): JsonObject {
  const { creationTimestamp: _time, ...metadata } = object.metadata as JsonObject; // Flux dropped what has no name
  return { ...object, metadata };
}

interface OurBuild {
  objects: JsonObject[];
  digest: string;
  failure: Failure | undefined;
}

function ours({ files, path, spec }: BuildCase): OurBuild {
  const delivery = readKustomization({
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: owner,
    spec: { interval: "1m", prune: true, sourceRef: { kind: "GitRepository", name: "fleet" }, ...spec, path },
  });
  const variables = Object.fromEntries(
    Object.entries(delivery.substitution?.inline ?? {}).map(([name, value]) => [name, value.replaceAll("\n", "")]),
  );
  try {
    const { manifests, digest } = buildDelivery(memoryTree(files), delivery, { variables, sha256 });
    return { objects: manifests, digest, failure: undefined };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { objects: [], digest: "", failure: thrown };
  }
}

/** Throws AssertionError, with what both said, where we and Flux differ; commonMetadata and owner labels included. */
export function compareBuild(one: BuildCase, theirs: FluxBuild | undefined): void {
  const mine = ours(one);
  const said = `${one.name}: ${theirs?.error ?? "built"} / ${mine.failure?.message ?? "built"}`;
  assert.equal(mine.failure !== undefined, theirs?.error !== undefined, said);
  if (mine.failure) {
    assert.notEqual(mine.failure.retry, "never", "the next revision may be right");
    return;
  }
  assert.deepEqual(mine.objects, (theirs?.objects ?? []).map(withOwner), said);
  assert.equal(mine.digest, theirs?.digest, said);
  for (const [index, sent] of (theirs?.sent ?? []).map(withoutTime).entries()) {
    const object = theirs?.objects?.[index] ?? {};
    // Go's types cannot hold it: Flux sends it as it stands, ports without protocol, and the API server refuses it.
    if (!equalJson(sent, object)) assert.deepEqual(normalizeManifest(object), sent, said);
  }
}
