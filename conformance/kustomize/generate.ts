// Random kustomizations for differential tests: small trees that combine features in ways people would not.

import fc from "fast-check";
import { toYaml, type JsonValue } from "@plumbline/core/yaml";

import {
  container,
  data,
  dropUndefined,
  handwritten,
  labelKeys,
  labels,
  names,
  namespaces,
  oddScalars,
  resourceLists,
  texts,
  type Json,
} from "./generate-resources.ts";
import { configuration, rareSettings } from "./generate-settings.ts";

/** Files of one case; `overlay` is what gets built. */
export type GeneratedFiles = Record<string, string>;

const fieldPaths = fc.constantFrom(
  "metadata.labels.app",
  "metadata.annotations.note",
  "spec.template.spec.containers.[name=main].image",
  "spec.template.spec.containers.*.image",
  "spec.template.spec.containers.0.env.[name=A].value",
  "spec.replicas",
  "data.a",
  "spec.selector",
);

const kinds = fc.constantFrom(
  "Deployment",
  "StatefulSet",
  "Service",
  "ConfigMap",
  "Secret",
  "Widget",
  "Ingress",
  "CronJob",
);
const target = fc
  .record(
    {
      kind: fc.option(kinds, { nil: undefined }),
      name: fc.option(fc.constantFrom("web", "db", ".*", "web|db", "w.*", "x", "claims", "scalars|anchors"), {
        nil: undefined,
      }),
      namespace: fc.option(fc.constantFrom("prod", "default"), { nil: undefined }),
      labelSelector: fc.option(fc.constantFrom("app=x", "app", "tier!=a", "app in (x,plain)"), { nil: undefined }),
    },
    { requiredKeys: [] },
  )
  .map(dropUndefined);

const mergePatch = fc
  .record({
    kind: kinds,
    labels: fc.option(fc.dictionary(labelKeys, fc.oneof(texts, fc.constant(null)), { maxKeys: 2 }), { nil: undefined }),
    annotations: fc.option(fc.oneof(labels, fc.constant(null)), { nil: undefined }),
    container: fc.option(container, { nil: undefined }),
    directive: fc.constantFrom(undefined, undefined, "delete", "replace", "merge"),
    level: fc.constantFrom("root", "container", "template", "metadata"),
    replicas: fc.option(fc.oneof(fc.nat(5), fc.constant(null), fc.constant("3")), { nil: undefined }),
    data: fc.option(data, { nil: undefined }),
    name: names,
  })
  .map((value): Json => {
    const meta: Json = { name: value.name };
    if (value.labels) meta["labels"] = value.labels as Json;
    if (value.annotations !== undefined) meta["annotations"] = value.annotations as Json;
    const patch: Json = { apiVersion: apiVersions[value.kind] ?? "v1", kind: value.kind, metadata: meta };
    const directive: Json = value.directive ? { $patch: value.directive } : {};
    if (value.level === "root") Object.assign(patch, directive);
    if (value.level === "metadata") Object.assign(meta, directive);
    if (value.data) patch["data"] = value.data;
    const spec: Json = {};
    if (value.replicas !== undefined) spec["replicas"] = value.replicas as JsonValue;
    if (value.container) {
      const item = value.level === "container" ? { ...directive, ...value.container } : value.container;
      const template: Json = { spec: { containers: [item] } };
      spec["template"] = value.level === "template" ? { ...template, ...directive } : template;
    }
    if (Object.keys(spec).length > 0) patch["spec"] = spec;
    return patch;
  });

const apiVersions: Record<string, string> = {
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  Widget: "example.com/v1",
  Ingress: "networking.k8s.io/v1",
  CronJob: "batch/v1",
};

const operation = fc
  .record({
    op: fc.constantFrom("add", "replace", "remove", "test", "copy", "move"),
    path: fc.constantFrom(
      "/metadata/labels/app",
      "/metadata/annotations/note",
      "/metadata/annotations",
      "/spec/replicas",
      "/spec/template/spec/containers/0/image",
      "/spec/template/spec/containers/-",
      "/spec/template/spec/containers/-1/image",
      "/data/a",
      "/data",
      "/metadata/name",
    ),
    from: fc.constantFrom("/metadata/name", "/metadata/labels/app", "/spec"),
    value: fc.oneof(oddScalars, fc.constant({ a: "b" }), fc.constant(["x"])),
  })
  .map(({ op, path, from, value }): Json => {
    if (op === "remove") return { op, path };
    return op === "copy" || op === "move" ? { op, path, from } : { op, path, value: value as JsonValue };
  });

const patches = fc.oneof(
  { weight: 1, arbitrary: mergePatch.map((patch): Json => ({ patch: toYaml(patch) })) },
  fc.record({ mergePatch, target }).map((value): Json => ({ patch: toYaml(value.mergePatch), target: value.target })),
  fc.record({ mergePatch, target }).map((value): Json => ({
    patch: toYaml(value.mergePatch),
    target: value.target,
    options: { allowNameChange: true, allowKindChange: true },
  })),
  fc
    .record({ operations: fc.array(operation, { minLength: 1, maxLength: 3 }), target })
    .map((value): Json => ({ patch: toYaml(value.operations), target: value.target })),
);

const generator = fc
  .record({
    name: names,
    namespace: namespaces,
    behavior: fc.oneof(
      { weight: 12, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom("create", "merge", "replace") },
    ),
    literals: fc.uniqueArray(fc.constantFrom("a=1", "b.txt=two", "n='quoted'", "k=v=w", "on=yes"), { maxLength: 2 }),
    options: fc.option(
      fc.record({ disableNameSuffixHash: fc.boolean(), immutable: fc.boolean(), labels }).map((each) => each as Json),
      { nil: undefined },
    ),
  })
  .map(({ name, namespace, behavior, literals, options }) =>
    dropUndefined({ name, namespace: namespace || undefined, behavior, literals, options, files: ["extra.txt"] }),
  );

const replacement = fc
  .record({
    source: fc
      .record({ kind: kinds, name: names, fieldPath: fc.option(fieldPaths, { nil: undefined }) })
      .map(dropUndefined),
    select: target,
    fieldPaths: fc.array(fieldPaths, { minLength: 1, maxLength: 2 }),
    options: fc.option(
      fc.record({
        create: fc.boolean(),
        delimiter: fc.constantFrom("", ":", "/"),
        index: fc.constantFrom(-1, 0, 1, 5),
      }),
      { nil: undefined },
    ),
  })
  .map(({ source, select, fieldPaths: paths, options }): Json => ({
    source: options ? { ...source, options: { delimiter: options.delimiter, index: 0 } } : source,
    targets: [{ select, fieldPaths: paths, ...(options ? { options } : {}) }],
  }));

/** Present once in `rarity`. */
function sometimes<T>(value: fc.Arbitrary<T>, rarity = 4): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: rarity - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

const label = fc
  .record({
    pairs: labels,
    includeSelectors: fc.boolean(),
    includeTemplates: fc.boolean(),
    fields: fc.constantFrom(undefined, [{ path: "spec/extra/labels", create: true, kind: "Widget" }]),
  })
  .map(dropUndefined);

function kustomization(resources: string[]): fc.Arbitrary<Json> {
  const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[] | undefined> =>
    sometimes(fc.array(item, { minLength: 1, maxLength: 2 }), 5);
  const sparse = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[] | undefined> =>
    sometimes(fc.array(item, { minLength: 1, maxLength: 1 }), 16);
  return fc
    .record({
      namespace: sometimes(fc.constantFrom("prod", "dev", "other")),
      namePrefix: sometimes(fc.constantFrom("pre-", "1-", "a")),
      nameSuffix: sometimes(fc.constantFrom("-suf", "-2")),
      commonLabels: sometimes(labels),
      labels: list(label),
      commonAnnotations: sometimes(labels),
      images: list(
        fc
          .record({
            name: fc.constantFrom("nginx", "app", "docker.io/library/redis", "host:5000/app"),
            newName: sometimes(fc.constantFrom("other/nginx", "123")),
            newTag: sometimes(fc.constantFrom("v2", "1.10")),
            digest: sometimes(fc.constant("sha256:def")),
            tagSuffix: sometimes(fc.constant("-x")),
          })
          .map(dropUndefined),
      ),
      replicas: sparse(fc.record({ name: names, count: fc.nat(4) })),
      patches: list(patches),
      configMapGenerator: list(generator),
      secretGenerator: sparse(generator),
      generatorOptions: sometimes(fc.record({ labels, disableNameSuffixHash: fc.boolean() }), 8),
      replacements: sparse(replacement),
      buildMetadata: sometimes(
        fc.subarray(["originAnnotations", "transformerAnnotations", "managedByLabel"], { minLength: 1 }),
        1,
      ),
      sortOptions: sometimes(fc.constantFrom<Json>({ order: "fifo" }, { order: "legacy" }), 8),
    })
    .map((value) => ({ ...dropUndefined(value), resources }));
}

/** A base, sometimes a component, and an overlay over them. */
export const generatedFiles: fc.Arbitrary<GeneratedFiles> = fc
  .record({
    resources: resourceLists,
    baseKustomization: kustomization(["resources.yaml"]),
    overlayKustomization: kustomization(["../base", "own.yaml"]),
    component: sometimes(kustomization([]), 4),
    rare: fc.record({ base: rareSettings, overlay: rareSettings }),
    configuration,
    extra: texts,
    handwritten: sometimes(handwritten, 2),
  })
  .map((value) => {
    const document = (list: readonly Json[]): string => list.map((each) => toYaml(each)).join("---\n");
    const { base, own } = value.resources;
    const inBase = value.rare.base(base);
    const overlay = { ...value.overlayKustomization, ...value.rare.overlay([...base, ...own]) };
    const files: GeneratedFiles = {
      "base/resources.yaml": [document(value.resources.base), ...(value.handwritten ? [value.handwritten] : [])].join(
        "---\n",
      ),
      "base/extra.txt": value.extra,
      "base/config.yaml": value.configuration,
      "base/kustomization.yaml": toYaml({ ...value.baseKustomization, ...inBase }),
      "overlay/own.yaml": document(value.resources.own),
      "overlay/extra.txt": `${value.extra}!`,
      "overlay/config.yaml": value.configuration,
    };
    if (value.component) {
      const { buildMetadata: _metadata, sortOptions: _sort, resources: _resources, ...component } = value.component;
      const type = { apiVersion: "kustomize.config.k8s.io/v1alpha1", kind: "Component" };
      files["component/kustomization.yaml"] = toYaml({ ...type, ...component });
      files["component/extra.txt"] = value.extra;
      overlay["components"] = ["../component"];
    }
    files["overlay/kustomization.yaml"] = toYaml(overlay);
    return files;
  });
