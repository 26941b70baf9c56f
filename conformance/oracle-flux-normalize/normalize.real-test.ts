// What is sent for an object equals what Flux sends: on every manifest of the corpus, and on generated ones.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { digString, isObject, type JsonObject, type Manifest } from "@plumbline/core/model";
import { normalizeManifest } from "@plumbline/core/plan";
import { parseYamlAll } from "@plumbline/core/yaml";
import { corpusTest } from "@plumbline/testkit/corpus";
import { generatedObjects, seededRandom } from "./generated-objects.ts";
import { askFlux } from "./normalize-oracle.ts";

const seed = Number(process.env["PLUMBLINE_SEED"] ?? 1);
const rounds = Number(process.env["PLUMBLINE_ROUNDS"] ?? 30);

/** Flux sets the time to null; absent and null are the same to a server. It refuses managedFields, which we leave out. */
function withoutTime(object: JsonObject | undefined): JsonObject | undefined {
  if (!object || !isObject(object.metadata)) return object;
  const { creationTimestamp: _time, managedFields: _managed, ...metadata } = object.metadata;
  return { ...object, metadata };
}

async function compare(objects: readonly Manifest[]): Promise<string[]> {
  const answers = await askFlux(objects);
  return answers.flatMap(({ object }, index) => {
    const manifest = objects[index] as Manifest;
    try {
      const ours: unknown = JSON.parse(JSON.stringify(normalizeManifest(manifest)));
      assert.deepEqual(withoutTime(ours as JsonObject), withoutTime(object));
      return [];
    } catch (thrown) {
      return [`${JSON.stringify(manifest)}\n${(thrown as Error).message}`];
    }
  });
}

function manifestsBelow(folder: string): Manifest[] {
  const files = globSync("**/*.{yaml,yml}", { cwd: folder }).sort();
  return files.flatMap((file) => {
    try {
      return parseYamlAll(readFileSync(join(folder, file), "utf8"))
        .map(({ value }) => value)
        .filter((value): value is Manifest => isObject(value) && digString(value, "metadata", "name") !== undefined)
        .filter(({ apiVersion, kind }) => typeof apiVersion === "string" && typeof kind === "string");
    } catch {
      return []; // A template or a broken file: no manifest.
    }
  });
}

test(`${rounds} objects of every built-in kind are sent as Flux sends them`, async () => {
  const objects = generatedObjects(seededRandom(seed), rounds);
  assert.ok(objects.length > 50 * rounds, `${objects.length}`);
  const wrong = await compare(objects);
  assert.equal(
    wrong.length,
    0,
    `${wrong.length} of ${objects.length} differ (seed ${seed}):\n${wrong.slice(0, 10).join("\n\n")}`,
  );
});

corpusTest("repos", "every manifest of the corpus is sent as Flux sends it", async (folder, t) => {
  const objects = manifestsBelow(folder);
  assert.ok(objects.length > 100, `${objects.length}`);
  const wrong = await compare(objects);
  assert.equal(wrong.length, 0, `${wrong.length} of ${objects.length} differ:\n${wrong.slice(0, 10).join("\n\n")}`);
  t.diagnostic(`${objects.length} manifests`);
});
