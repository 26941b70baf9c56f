// Random kustomization files and specs: the file that we build with equals Flux's, or both refuse.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { deliveryFolder, generateKustomization } from "@plumbline/core/build";
import { cloneJson, Failure, type JsonObject, type JsonValue, memoryTree } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import { readKustomization } from "@plumbline/dialects/flux";
import type { BuildCase } from "./cases.ts";
import { askFlux, owner } from "./flux-build-oracle.ts";

const runs = 1500;
const seed = 20_261_121;

const word = fc.constantFrom("web", "side", "a", "", "1.10", "true", "null", "~", "x: y", "é", "- a", "__proto__", "n");
const flag = fc.constantFrom<JsonValue>(true, false, null);
/** Values of the wrong form among the right ones: the decoder must agree on both. */
const odd = fc.oneof(
  { weight: 300, arbitrary: word as fc.Arbitrary<JsonValue> },
  {
    weight: 1,
    arbitrary: fc.constantFrom<JsonValue>(1, 1.5, 1e21, -0.25, true, false, null, [], {}, ["a"], { a: "b" }),
  },
);
const record = (fields: Record<string, fc.Arbitrary<JsonValue>>): fc.Arbitrary<JsonObject> =>
  fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
const texts = fc.array(odd, { maxLength: 3 });
const textMap = fc.dictionary(word, odd, { maxKeys: 3 }) as fc.Arbitrary<JsonObject>;
const selector = record({ group: odd, version: odd, kind: odd, name: odd, labelSelector: odd, unknown: odd });
const image = record({ name: word, newName: odd, newTag: odd, digest: odd, tagSuffix: odd, tag: odd });
const patch = record({ patch: odd, path: odd, target: selector, options: record({ allowNameChange: flag }) });
const options = record({ labels: textMap, disableNameSuffixHash: flag, immutable: flag });
const generator = record({ name: odd, behavior: odd, literals: texts, files: texts, env: odd, options, type: odd });
const label = record({ pairs: textMap, includeSelectors: flag, fields: fc.array(record({ path: odd, create: flag })) });

const file: fc.Arbitrary<JsonObject> = record({
  apiVersion: fc.constantFrom<JsonValue>("", "kustomize.config.k8s.io/v1", 1, null),
  kind: fc.constantFrom<JsonValue>("", "Component", true, null),
  metadata: record({ name: odd, labels: textMap }),
  namespace: odd,
  namePrefix: odd,
  resources: texts,
  components: texts,
  bases: texts,
  commonLabels: textMap,
  commonAnnotations: textMap,
  labels: fc.array(label, { maxLength: 2 }),
  images: fc.array(image, { maxLength: 3 }),
  imageTags: fc.array(image, { maxLength: 1 }),
  patches: fc.array(patch, { maxLength: 2 }),
  patchesJson6902: fc.array(patch, { maxLength: 1 }),
  patchesStrategicMerge: texts,
  replicas: fc.array(record({ name: odd, count: fc.constantFrom<JsonValue>(0, 1, 3, null, 7, 2, 12) }), {
    maxLength: 2,
  }),
  configMapGenerator: fc.array(generator, { maxLength: 2 }),
  secretGenerator: fc.array(generator, { maxLength: 1 }),
  generatorOptions: options,
  sortOptions: record({ order: odd, legacySortOptions: record({ orderFirst: texts }) }),
  openapi: textMap,
  buildMetadata: texts,
  vars: fc.array(record({ name: odd, objref: record({ kind: odd }), fieldref: record({ fieldPath: odd }) }), {
    maxLength: 1,
  }),
  replacements: fc.array(record({ path: odd, source: record({ kind: odd, fieldPath: odd }) }), { maxLength: 1 }),
  unknown: odd,
  TRANSFORMERS: texts,
});

const some = fc.constantFrom("web", "side", "a", "mirror.example.com/web", "1.10");
const spec = fc.record(
  {
    targetNamespace: some,
    namePrefix: some,
    nameSuffix: some,
    images: fc.array(fc.record({ name: some, newName: some, newTag: some, digest: some }, { requiredKeys: ["name"] }), {
      maxLength: 3,
    }),
    patches: fc.array(
      fc.record(
        { patch: some, target: fc.record({ kind: some, name: some }, { requiredKeys: [] }) },
        { requiredKeys: ["patch"] },
      ),
      { maxLength: 2 },
    ),
    components: fc.array(fc.constantFrom("./part", "../part", "missing", "gh:x", "/abs", "a/../part"), {
      maxLength: 2,
    }),
    ignoreMissingComponents: fc.boolean(),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

function ours({ files, path, spec: given }: BuildCase): string | undefined {
  const { build } = readKustomization({
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: owner,
    spec: { interval: "1m", prune: true, sourceRef: { kind: "GitRepository", name: "fleet" }, ...given, path },
  });
  const tree = memoryTree(files);
  try {
    return generateKustomization(tree, deliveryFolder(tree, build.path), build).text;
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined;
    throw thrown;
  }
}

test(`${runs} random kustomization files are read and edited as Flux does, or refused by both`, async () => {
  const cases = fc.sample(fc.tuple(file, spec), { numRuns: runs, seed }).map(([content, given], index): BuildCase => {
    // fast-check builds objects without a prototype; JSON has none either.
    const text = toYaml(cloneJson(content));
    return {
      name: String(index),
      files: { "app/kustomization.yaml": text, "app/part/kustomization.yaml": "kind: Component\n" },
      path: "./app",
      spec: given,
    };
  });
  const answers = await askFlux(cases, true);
  let made = 0;
  for (const [index, one] of cases.entries()) {
    const answer = answers[index];
    const theirs = answer?.error === undefined ? answer?.generated : undefined;
    if (theirs !== undefined) made++;
    assert.equal(
      ours(one),
      theirs,
      `${one.files["app/kustomization.yaml"]}\n${JSON.stringify(one.spec)}\n${answer?.error}`,
    );
  }
  assert.ok(made > runs / 10 && made < runs, `${made} of ${runs} made`);
});
