// What one layer of a layered case may say: mostly aimed at objects that are there, so that most cases are accepted.

import fc from "fast-check";
import { toYaml } from "@plumbline/core/yaml";
import { dropUndefined, type Json } from "./generate-resources.ts";

/** One kustomization in the making. */
export interface Layer {
  readonly settings: Json;
  /** Files beside it. */
  readonly files: Record<string, string>;
}

/** Adds something to a layer. */
export type Move = (layer: Layer) => void;

function append(layer: Layer, field: string, items: readonly Json[string][]): void {
  layer.settings[field] = [...((layer.settings[field] as Json[string][] | undefined) ?? []), ...items];
}

const set =
  (settings: Json): Move =>
  (layer) =>
    void Object.assign(layer.settings, settings);
const add =
  (field: string, ...items: Json[string][]): Move =>
  (layer) =>
    append(layer, field, items);
const oneOf = (...moves: (Move | fc.Arbitrary<Move>)[]): fc.Arbitrary<Move> =>
  fc.oneof(...moves.map((move) => (typeof move === "function" ? fc.constant(move) : move)));

/** In a file or in place. */
const patchText = (text: string, rest: Json = {}): fc.Arbitrary<Move> =>
  fc.boolean().map((inFile): Move => (layer) => {
    const name = `patch-${Object.keys(layer.files).length}.yaml`;
    if (inFile) layer.files[name] = text;
    append(layer, "patches", [{ ...(inFile ? { path: name } : { patch: text }), ...rest }]);
  });

const merges = [
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {note: null, added: "2"}, labels: {app: web, more: x}}
spec:
  template:
    spec:
      containers:
      - {name: side, $patch: delete}
      - {name: main, image: "nginx:2", ports: [{containerPort: 53, protocol: UDP, name: dns2}, {containerPort: 8080}], env: [{name: HOST, value: null}, {name: NEW, value: "1"}]}
      - {name: extra, image: extra, envFrom: [{configMapRef: {name: settings}}]}
      volumes: [{name: data, persistentVolumeClaim: null, emptyDir: {}}]
      tolerations: [{key: c}]
      $setElementOrder/containers: [{name: main}]
`,
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: null, strategy: {$patch: replace, type: Recreate}, template: {spec: {$retainKeys: [containers], volumes: null}}}
`,
  `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80, name: renamed}, {port: 443, protocol: TCP}], selector: {$patch: replace, only: this}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: files}
data: {host: null, added: "line 1\\nline 2\\n"}
`,
  `apiVersion: example.com/v1
kind: Widget
metadata: {name: wheel}
spec: {parts: [{id: b, size: 3}, {id: c}], image: null, deep: {er: {est: [1, 2]}}}
`,
  `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "pull"}, "$patch": "delete"}
`,
];

const operations = [
  `- {op: add, path: /metadata/annotations/new~1key, value: "true"}
- {op: add, path: /metadata/labels, value: {fresh: "1"}}
`,
  `[{"op": "replace", "path": "/metadata/name", "value": "renamed"}]
`,
  `- {op: add, path: /spec, value: {whole: 1.0, big: 12345678901234567890}}
- {op: copy, from: /metadata/name, path: /spec/copied}
- {op: test, path: /spec/whole, value: 1}
`,
  `- op: move
  from: /metadata/name
  path: /metadata/generateName
`,
];

const targets: Json[] = [
  { kind: "Deployment" },
  { kind: "Deployment|StatefulSet", name: "w.*" },
  { group: "apps", version: "v1" },
  { name: "web", kind: "Service" },
  { labelSelector: "app=web,tier!=back" },
  { labelSelector: "app in (web, db)" },
  { annotationSelector: "note" },
  { name: "^web$", namespace: "shop|other" },
  { kind: "ConfigMap" },
  { name: "(?i)WEB" },
  { version: "v1", name: "[a-w].*" },
];
const target = fc.constantFrom(...targets);

const sources: Json[] = [
  { kind: "Service", name: "web" },
  { kind: "ConfigMap", name: "files", fieldPath: "data.host" },
  { kind: "ConfigMap", name: "files", fieldPath: "data.host", options: { delimiter: ".", index: 1 } },
  { kind: "ConfigMap", name: "files", fieldPath: "data.list", options: { delimiter: ",", index: 2 } },
  { group: "apps", version: "v1", kind: "Deployment", name: "web", fieldPath: "spec.replicas" },
  { kind: "Deployment", fieldPath: "spec.template.spec.containers.[name=main].image", options: { delimiter: ":" } },
  { kind: "Deployment", name: "web", fieldPath: "spec.template.spec.containers.0.ports" },
  { kind: "Deployment", name: "web", fieldPath: "metadata.labels" },
  { kind: "Service", name: "web", fieldPath: "spec.ports.[name=http].port" },
  { kind: "Secret", name: "pull", fieldPath: "data.[.dockerconfigjson]" },
];
const fieldPaths = fc.constantFrom(
  "metadata.annotations.note",
  "metadata.labels.[app]",
  "metadata.annotations.[nginx/host]",
  "spec.template.spec.containers.[name=main].env.[name=HOST].value",
  "spec.template.spec.containers.[name=main].env.[name=URL].value",
  "spec.template.spec.containers.*.image",
  "spec.template.spec.containers.1.command.2",
  "spec.rules.0.host",
  "spec.rules.*.http.paths.*.backend.service.name",
  "spec.replicas",
  "data.new",
  "data.app\\.yaml",
  "data.[app.json].server.host",
  "data.[app.yaml].server.host",
  "spec.parts.[id=b].size",
  "spec.parts.-",
  "webhooks.0.clientConfig.service.name",
);
const fieldOptions = fc.constantFrom<Json | undefined>(
  undefined,
  undefined,
  { create: true },
  { delimiter: "." },
  { delimiter: ".", index: 1 },
  { delimiter: "/", index: 2 },
  { delimiter: ":", index: -1 },
  { delimiter: ":", index: 9 },
  { encoding: "base64" },
  { create: true, delimiter: "-", index: 1 },
);

const replacement: fc.Arbitrary<Json> = fc
  .record({
    source: fc.option(fc.constantFrom(...sources), { freq: 9, nil: undefined }),
    targets: fc.array(
      fc.record({
        select: target,
        reject: fc.option(fc.array(target, { minLength: 1, maxLength: 2 }), { nil: undefined }),
        fieldPaths: fc.uniqueArray(fieldPaths, { minLength: 1, maxLength: 2 }),
        options: fieldOptions,
      }),
      { minLength: 1, maxLength: 2 },
    ),
  })
  .map(({ source, targets: all }): Json => ({
    ...(source === undefined ? { sourceValue: "fixed" } : { source }),
    targets: all.map(dropUndefined),
  }));

const replacements = fc
  .record({ replacement, form: fc.constantFrom("in place", "file", "plugin") })
  .map(({ replacement: one, form }): Move => (layer) => {
    if (form === "in place") return append(layer, "replacements", [one]);
    const name = `replacement-${Object.keys(layer.files).length}.yaml`;
    const plugin = { apiVersion: "builtin", kind: "ReplacementTransformer", metadata: { name: "r" } };
    layer.files[name] = toYaml(form === "file" ? one : { ...plugin, replacements: [one] });
    return append(layer, form === "file" ? "replacements" : "transformers", [form === "file" ? { path: name } : name]);
  });

const generatorOptions = fc.constantFrom<Json>(
  {},
  { options: { disableNameSuffixHash: true } },
  { options: { immutable: true, labels: { made: "yes" } } },
  { options: { annotations: { a: "1" } } },
);
const generator = fc
  .record({
    kind: fc.constantFrom("configMapGenerator", "secretGenerator"),
    behavior: fc.constantFrom("merge", "replace", "create", undefined),
    input: fc.constantFrom<Json>(
      { literals: ["LEVEL=debug", "more='a b'"] },
      { files: ["data.txt", "named=data.txt"] },
      { envs: ["vars.env"] },
      { env: "vars.env", literals: ["z=1"] },
    ),
    options: generatorOptions,
    namespace: fc.constantFrom(undefined, undefined, undefined, "shop"),
  })
  .map(({ kind, behavior, input, options, namespace }): Move => (layer) => {
    const isOwn = behavior === undefined || behavior === "create";
    const name = isOwn ? "own" : kind === "configMapGenerator" ? "settings" : "keys";
    layer.files["data.txt"] = "first\nsecond: 2\n";
    layer.files["vars.env"] = "# comment\nA=1\nB = spaced\n\nC=a=b\n";
    append(layer, kind, [dropUndefined({ name, behavior, namespace, ...input, ...options })]);
  });

const labels = fc.constantFrom<Json>(
  { pairs: { team: "a" } },
  { pairs: { app: "changed" }, includeSelectors: true },
  { pairs: { team: "b" }, includeTemplates: true },
  { pairs: { team: "c" }, fields: [{ path: "spec/labels", kind: "Widget", create: true }] },
  {
    pairs: { team: "d" },
    includeSelectors: true,
    fields: [{ path: "spec/extra/labels", group: "apps", create: true }],
  },
  { pairs: { team: "e" }, fields: [{ path: "spec/parts[]/labels", version: "v1", create: true }] },
);

const configuration = toYaml({
  nameReference: [{ kind: "ConfigMap", version: "v1", fieldSpecs: [{ path: "spec/ref/name", kind: "Widget" }] }],
  images: [{ path: "spec/image", kind: "Widget" }],
  commonLabels: [{ path: "spec/labels", kind: "Widget", create: true }],
  commonAnnotations: [{ path: "spec/notes", kind: "Widget", create: true }],
  namespace: [{ path: "spec/space", kind: "Widget", create: true }],
  replicas: [{ path: "spec/count", kind: "Widget", create: true }],
});
const definitions = JSON.stringify({
  "com.example.v1.Widget": {
    Schema: {
      properties: {
        apiVersion: { type: "string" },
        kind: { type: "string" },
        metadata: { type: "object" },
        spec: {
          properties: {
            secretRef: {
              "x-kubernetes-object-ref-api-version": "v1",
              "x-kubernetes-object-ref-kind": "Secret",
              properties: { name: { type: "string" } },
            },
            labels: { "x-kubernetes-label-selector": "", type: "object" },
            notes: { "x-kubernetes-annotation": "", type: "object" },
          },
        },
      },
    },
    Dependencies: [],
  },
});
const schema = JSON.stringify({
  definitions: {
    "com.example.v1.Widget": {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            parts: {
              type: "array",
              items: { type: "object" },
              "x-kubernetes-patch-merge-key": "id",
              "x-kubernetes-patch-strategy": "merge",
            },
          },
        },
      },
      "x-kubernetes-group-version-kind": [{ group: "example.com", kind: "Widget", version: "v1" }],
    },
  },
});

const withFile =
  (name: string, text: string, move: Move): Move =>
  (layer) => {
    layer.files[name] = text;
    move(layer);
  };

/** One thing to say in a layer. */
export const move: fc.Arbitrary<Move> = oneOf(
  fc.constantFrom("shop", "prod").map((namespace) => set({ namespace })),
  fc.constantFrom("pre-", "x").map((namePrefix) => set({ namePrefix })),
  fc.constantFrom("-suf", ".v2").map((nameSuffix) => set({ nameSuffix })),
  labels.map((each) => add("labels", each)),
  set({ commonLabels: { common: "label", app: "web" } }),
  set({ commonAnnotations: { common: "annotation", note: "3" } }),
  fc
    .constantFrom<Json>(
      { name: "nginx", newTag: "3" },
      { name: "host:5000/team/init", newName: "other/init", digest: "sha256:def" },
      { name: "docker.io/library/postgres", newName: "pg" },
      { name: "busybox", newTag: "1.36", newName: "reg.io/busybox" },
    )
    .map((each) => add("images", each)),
  fc.constantFrom<Json>({ name: "web", count: 5 }, { name: "db", count: 0 }).map((each) => add("replicas", each)),
  fc.constantFrom(...merges).chain((text) => patchText(text)),
  fc
    .tuple(fc.constantFrom(merges[0] as string, merges[1] as string), target)
    .chain(([text, to]) => patchText(text, { target: to })),
  fc.tuple(fc.constantFrom(...operations), target).chain(([text, to]) => patchText(text, { target: to })),
  replacements,
  generator,
  set({ generatorOptions: { labels: { generated: "1" }, annotations: { by: "us" }, immutable: true } }),
  withFile("configuration.yaml", configuration, add("configurations", "configuration.yaml")),
  withFile("definitions.json", definitions, add("crds", "definitions.json")),
  withFile("schema.json", schema, set({ openapi: { path: "schema.json" } })),
  fc
    .subarray(["originAnnotations", "transformerAnnotations", "managedByLabel"], { minLength: 1 })
    .map((buildMetadata) => set({ buildMetadata })),
  fc.constantFrom<Json>({ order: "fifo" }, { order: "legacy" }).map((sortOptions) => set({ sortOptions })),
);
