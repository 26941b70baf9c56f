// What a build may read, and how large builds leave room for everything else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, type Delivery, Failure, memoryTree, NotLoaded } from "@plumbline/core/model";
import { plainBuild } from "@plumbline/testkit/delivery";
import type { Snapshot } from "../ports/index.ts";
import { LARGE_BUILD_BYTES } from "./large-builds.ts";
import { MAX_BUILD_BYTES, renderDelivery } from "./render-delivery.ts";

const immediately: Clock = {
  now: () => 0,
  monotonic: () => 0,
  after: (_ms, callback) => {
    const timer = setImmediate(callback);
    return () => clearImmediate(timer);
  },
};

/** Files that are in memory anyway, some said to be larger than they are. */
function snapshotOf(
  files: Record<string, string>,
  sizes: Record<string, number> = {},
): Snapshot & { loaded: string[] } {
  const tree = memoryTree(files);
  const loaded: string[] = [];
  return {
    ...tree,
    commit: "c",
    loaded,
    read: (path) => {
      if (!loaded.includes(path)) throw new NotLoaded([path]);
      return tree.read(path);
    },
    size: (path) => sizes[path] ?? (tree.kind(path) === "file" ? tree.read(path).length : undefined),
    load: (paths) => {
      loaded.push(...paths);
      return Promise.resolve();
    },
    release: () => undefined,
  };
}

function deliveryOf(path: string): Delivery {
  return { build: plainBuild(path), origin: { namespace: "site", name: "app" } } as unknown as Delivery; // the build reads no more of it
}

function configMap(name: string, bytes: number): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { text: ${"x".repeat(bytes)} }\n`;
}

const given = { variables: undefined, sha256: () => "0", clock: immediately };

test("files of more than 16 MiB together are refused by name; on suspicion at most 4 MiB are loaded", async () => {
  const files = { "app/a.yaml": configMap("a", 1), "app/b.yaml": configMap("b", 1), "app/c.yaml": configMap("c", 1) };
  const sizes = { "app/a.yaml": 3_000_000, "app/b.yaml": MAX_BUILD_BYTES - 4_000_000, "app/c.yaml": 3_000_000 };
  const snapshot = snapshotOf(files, sizes);
  const failure: unknown = await renderDelivery(snapshot, deliveryOf("./app"), given).catch((error: unknown) => error);
  assert.ok(failure instanceof Failure);
  assert.equal(failure.reason, "BuildFailed");
  assert.match(
    failure.message,
    /app have 17\.9 MiB, more than the 16\.0 MiB .* the largest: app\/b\.yaml \(12\.2 MiB\)/,
  );
  assert.deepEqual(snapshot.loaded, ["app/a.yaml"]);
});

test("large builds are made one after the other, and between two of them everything else has its turn", async () => {
  const story: string[] = [];
  let isOver = false;
  const tick = (): void => {
    story.push("turn");
    if (!isOver) setImmediate(tick);
  };
  setImmediate(tick);
  const names = ["a", "b", "c", "d"];
  const snapshot = snapshotOf(
    Object.fromEntries(names.map((name) => [`${name}/x.yaml`, configMap(name, LARGE_BUILD_BYTES)])),
  );
  await Promise.all(
    names.map(async (name) => {
      const { manifests } = await renderDelivery(snapshot, deliveryOf(name), given);
      assert.equal(manifests.length, 1);
      story.push("build");
    }),
  );
  isOver = true;
  assert.equal(story.filter((word) => word === "build").length, names.length);
  assert.doesNotMatch(story.join(" "), /build build/);
});
