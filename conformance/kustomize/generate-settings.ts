// Rarer settings of random kustomizations: variables, configurations, legacy patches, built-in plugins, sort orders.

import fc from "fast-check";
import { digString } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import { data, labels, names, texts, type Json } from "./generate-resources.ts";

/** Settings that aim at objects which are there: the list is that of the kustomization's files. */
export type Aimed = (resources: readonly Json[]) => Json;

interface Aim {
  apiVersion: string;
  kind: string;
  name: string;
  namespace: string | undefined;
}

/** Mostly an object that is there, sometimes one that may not be. */
const aim = fc
  .record({ index: fc.nat(20), miss: fc.nat(19), name: names })
  .map(({ index, miss, name }) => (resources: readonly Json[]): Aim => {
    const found = resources[index % Math.max(resources.length, 1)];
    if (!found || miss === 0) return { apiVersion: "v1", kind: "ConfigMap", name, namespace: undefined };
    const metadata = found["metadata"] as { name: string; namespace?: string };
    const [apiVersion = "", kind = ""] = [digString(found, "apiVersion"), digString(found, "kind")];
    return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace };
  });

const variable = fc
  .record({
    name: fc.constantFrom("HOST", "COUNT", "A"),
    aim,
    field: fc.constantFrom("metadata.name", "kind", "apiVersion", "metadata.labels.app", undefined),
  })
  .map(({ name, aim: at, field }): Aimed => (resources) => {
    const { apiVersion, kind, name: object, namespace } = at(resources);
    const objref = { kind, name: object, apiVersion, ...(namespace === undefined ? {} : { namespace }) };
    return { name, objref, ...(field === undefined ? {} : { fieldref: { fieldpath: field } }) };
  });

const legacyMerge = fc.record({ aim, labels, data }).map((value) => (resources: readonly Json[]): string => {
  const { apiVersion, kind, name, namespace } = value.aim(resources);
  const metadata = { name, labels: value.labels, ...(namespace === undefined ? {} : { namespace }) };
  return toYaml({ apiVersion, kind, metadata, ...(kind === "ConfigMap" ? { data: value.data } : {}) });
});

const legacyJson = fc
  .record({
    aim,
    op: fc.constantFrom("add", "add", "add", "add", "replace", "remove"),
    path: fc.constantFrom("/metadata/labels", "/metadata/annotations", "/metadata/name", "/spec/x", "/data"),
    value: fc.oneof(texts, fc.nat(9), fc.constant({ k: "v" })),
  })
  .map((value): Aimed => (resources) => {
    const { apiVersion, kind, name, namespace } = value.aim(resources);
    const { op, path } = value;
    const slash = apiVersion.indexOf("/");
    const group = slash < 0 ? {} : { group: apiVersion.slice(0, slash) };
    const version = apiVersion.slice(slash + 1);
    const target = { ...group, version, kind, name, ...(namespace === undefined ? {} : { namespace }) };
    return { target, patch: toYaml([op === "remove" ? { op, path } : { op, path, value: value.value as Json }]) };
  });

const fieldSpecs = fc.uniqueArray(
  fc.constantFrom<Json>(
    { path: "metadata/labels", create: true },
    { path: "metadata/annotations", create: true },
    { path: "spec/template/metadata/labels", kind: "Deployment" },
    { path: "spec/extra/name", kind: "Widget" },
    { path: "metadata/name" },
    { path: "spec/replicas", create: false },
  ),
  { minLength: 1, maxLength: 2, selector: (spec) => spec["path"] },
);

/** Built-in transformers as plugin configuration. */
const transformer = fc
  .record({
    kind: fc.constantFrom(
      "LabelTransformer",
      "AnnotationsTransformer",
      "PrefixTransformer",
      "SuffixTransformer",
      "NamespaceTransformer",
      "ReplicaCountTransformer",
      "ImageTagTransformer",
      "ValueAddTransformer",
    ),
    fieldSpecs,
    labels,
    name: names,
    flag: fc.boolean(),
    mode: fc.constantFrom(undefined, "none", "allServiceAccounts", "defaultOnly"),
  })
  .map((value): string => {
    const { kind, labels: pairs, fieldSpecs: specs, name, flag } = value;
    const head = { apiVersion: "builtin", kind, metadata: { name: "t" } };
    const subjects = value.mode === undefined ? {} : { setRoleBindingSubjects: value.mode };
    // Affixes go to texts: what v5.8.1 says of annotations depends on its hidden ones (see the skip table).
    const affixed = specs.filter((spec) => spec["path"] !== "metadata/annotations");
    const own: Record<string, Json> = {
      LabelTransformer: { labels: pairs, fieldSpecs: specs },
      AnnotationsTransformer: { annotations: pairs, fieldSpecs: specs },
      PrefixTransformer: { prefix: "p-", fieldSpecs: affixed },
      SuffixTransformer: { suffix: "-s", fieldSpecs: affixed },
      NamespaceTransformer: {
        metadata: { name: "t", namespace: "moved" },
        unsetOnly: flag,
        ...subjects,
        fieldSpecs: [{ path: "metadata/namespace", create: true }],
      },
      ReplicaCountTransformer: { replica: { name, count: 3 }, fieldSpecs: [{ path: "spec/replicas", create: flag }] },
      ImageTagTransformer: {
        imageTag: { name: "nginx", newTag: "t" },
        fieldSpecs: [{ path: "spec/template/spec/containers[]/image" }],
      },
      ValueAddTransformer: { value: name, targets: [{ fieldPath: "metadata/annotations/added" }] },
    };
    return toYaml({ ...head, ...own[kind] });
  });

const generatorPlugin = fc
  .record({ kind: fc.constantFrom("ConfigMapGenerator", "SecretGenerator"), name: names, hash: fc.boolean() })
  .map(({ kind, name, hash }) =>
    toYaml({
      apiVersion: "builtin",
      kind,
      metadata: { name: `plugin-${name}` },
      literals: ["k=v"],
      ...(hash ? {} : { options: { disableNameSuffixHash: true } }),
    }),
  );

/** A `configurations` file. */
export const configuration = fc
  .record({
    nameReference: fc.boolean(),
    varReference: fc.boolean(),
    commonLabels: fc.boolean(),
    images: fc.boolean(),
    namePrefix: fc.boolean(),
  })
  .map((value): string => {
    const config: Json = {};
    if (value.nameReference) {
      const referrers = [{ path: "spec/ref/name", kind: "Widget" }, { path: "spec/extra/name" }];
      config["nameReference"] = [{ kind: "ConfigMap", version: "v1", fieldSpecs: referrers }];
    }
    if (value.varReference) config["varReference"] = [{ path: "spec/text", kind: "Widget" }, { path: "data" }];
    if (value.commonLabels) config["commonLabels"] = [{ path: "spec/extra/labels", create: true, kind: "Widget" }];
    if (value.images) config["images"] = [{ path: "spec/image", kind: "Widget" }];
    if (value.namePrefix) config["namePrefix"] = [{ path: "spec/ref/name", kind: "Widget" }];
    return toYaml(config);
  });

const ordered = fc
  .record({
    first: fc.subarray(["Widget", "Deployment", "Namespace", "ConfigMap"]),
    last: fc.subarray(["Service", "Secret"]),
  })
  .map(({ first, last }): Json => ({ order: "legacy", legacySortOptions: { orderFirst: first, orderLast: last } }));

/** Mostly nothing, sometimes one or two of these. */
export const rareSettings: fc.Arbitrary<Aimed> = fc
  .record({
    chosen: fc.subarray(
      [
        "vars",
        "patchesStrategicMerge",
        "patchesJson6902",
        "transformers",
        "generators",
        "sortOptions",
        "configurations",
        "openapi",
      ],
      { maxLength: 2 },
    ),
    vars: few(variable),
    patchesStrategicMerge: few(legacyMerge),
    patchesJson6902: few(legacyJson),
    transformers: few(transformer),
    generators: few(generatorPlugin),
    sortOptions: ordered,
  })
  .map((value): Aimed => (resources) => {
    const all: Json = {
      vars: value.vars.map((each) => each(resources)),
      patchesStrategicMerge: value.patchesStrategicMerge.map((each) => each(resources)),
      patchesJson6902: value.patchesJson6902.map((each) => each(resources)),
      transformers: value.transformers,
      generators: value.generators,
      sortOptions: value.sortOptions,
      configurations: ["config.yaml"],
      openapi: { version: "v1.21.2" },
    };
    return Object.fromEntries(value.chosen.map((name) => [name, all[name] as Json]));
  });

function few<T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(item, { minLength: 1, maxLength: 2 });
}
