// Random repositories and Kustomizations, for comparing whole builds with Flux's.

import * as fc from "fast-check";
import { cloneJson, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import type { BuildCase } from "../cases.ts";

const name = fc.constantFrom("web", "api", "db", "web-${site}", "x.y");
const namespace = fc.constantFrom(undefined, undefined, "line", "${site}", "default");
const expression = fc.constantFrom(
  "plain",
  "${site}",
  "${site:-none}",
  "${other:-none}",
  "${other:=a${site}b}",
  "$${site}",
  "$site",
  "a ${site} b ${count}",
  "${count}",
  "${site^^}",
  "${site/a/b}",
  "${site:1:2}",
  "${#site}",
  "${flag}",
  "multi\nline ${site}\n",
  "true",
  "007",
  "1e3",
  "é ${site}",
  "",
);
const rareExpression = fc.oneof(
  { weight: 60, arbitrary: expression },
  { weight: 1, arbitrary: fc.constantFrom("${undefined}", "${bad name}", "${open", "${site%%x*}") },
);
const textMap = fc.dictionary(fc.constantFrom("a", "b.c", "team", "n/x"), rareExpression, { maxKeys: 2 });

const metadata = fc.record({ name, namespace, labels: textMap, annotations: textMap }, { requiredKeys: ["name"] });
const image = fc.constantFrom("web:1", "registry.example.com/api@sha256:aa", "db", "web", "${registry}/api:2");
const container = fc.record(
  { name: fc.constantFrom("c1", "c2"), image, env: fc.constant([{ name: "E", value: "${site}" }]) },
  { requiredKeys: ["name", "image"] },
);

const manifest = fc.oneof(
  fc.record({ apiVersion: fc.constant("v1"), kind: fc.constantFrom("ConfigMap", "Secret"), metadata, data: textMap }),
  fc.record({ apiVersion: fc.constant("v1"), kind: fc.constant("Namespace"), metadata: fc.record({ name }) }),
  fc.record({
    apiVersion: fc.constant("v1"),
    kind: fc.constant("Service"),
    metadata,
    spec: fc.record({ selector: textMap, ports: fc.constant([{ port: 80 }]) }),
  }),
  fc.record({
    apiVersion: fc.constant("apps/v1"),
    kind: fc.constantFrom("Deployment", "StatefulSet"),
    metadata,
    spec: fc.record({
      replicas: fc.constantFrom<JsonValue>(1, "${count}"),
      selector: fc.constant({ matchLabels: { app: "x" } }),
      template: fc.record({
        metadata: fc.constant({ labels: { app: "x" } }),
        spec: fc.record({ containers: fc.array(container, { minLength: 1, maxLength: 2 }), serviceAccountName: name }),
      }),
    }),
  }),
  fc.record({
    apiVersion: fc.constant("rbac.authorization.k8s.io/v1"),
    kind: fc.constant("ClusterRoleBinding"),
    metadata: fc.record({ name }),
    roleRef: fc.constant({ apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" }),
    subjects: fc.tuple(
      fc.record({ kind: fc.constant("ServiceAccount"), name, namespace: fc.constantFrom("line", "default") }),
    ),
  }),
  fc.record({ apiVersion: fc.constant("v1"), kind: fc.constant("ServiceAccount"), metadata }),
  fc.record({ apiVersion: fc.constant("example.com/v1"), kind: fc.constant("Custom"), metadata, spec: textMap }),
) as fc.Arbitrary<JsonObject>;

const target = fc.record(
  { kind: fc.constantFrom("Deployment", "Service", ".*Map"), name: fc.constantFrom("web", "w.*", "api") },
  { requiredKeys: [] },
);
const patch = fc.constantFrom(
  '- op: add\n  path: /metadata/annotations\n  value: {patched: "yes"}\n',
  "- op: replace\n  path: /metadata/name\n  value: renamed\n",
  "apiVersion: v1\nkind: Any\nmetadata:\n  name: any\n  labels: {merged: ${site}}\n",
);
const spec = fc.record(
  {
    targetNamespace: fc.constantFrom("target", "line"),
    namePrefix: fc.constantFrom("p-"),
    nameSuffix: fc.constantFrom("-s"),
    images: fc.array(
      fc.record(
        {
          name: fc.constantFrom("web", "registry.example.com/api", "db"),
          newName: fc.constantFrom("n", "m.example.com/n"),
          newTag: fc.constantFrom("9", "v${count}"),
          digest: fc.constant("sha256:cc"),
        },
        { requiredKeys: ["name"] },
      ),
      { maxLength: 2 },
    ),
    patches: fc.array(fc.record({ patch, target }), { maxLength: 1 }),
    postBuild: fc.record(
      {
        substitute: fc.constantFrom(
          { site: "hall-a", count: "3", flag: "true", registry: "r.example.com" },
          { site: "a: b", count: "3" },
          {},
        ),
        substituteStrategy: fc.constantFrom("Always", "WithVariables"),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

const kustomization = fc.record(
  {
    namespace: fc.constantFrom("own"),
    commonLabels: fc.constant({ common: "l" }),
    labels: fc.constant([{ pairs: { more: "m" }, includeTemplates: true }]),
    images: fc.constant([{ name: "web", newTag: "5" }]),
    configMapGenerator: fc.constant([{ name: "gen", literals: ["a=${site}"] }]),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

const repository = fc.record({
  files: fc.array(fc.tuple(fc.constantFrom("a", "b/c", "d"), fc.array(manifest, { minLength: 1, maxLength: 3 })), {
    minLength: 1,
    maxLength: 3,
  }),
  kustomization: fc.option(kustomization, { nil: undefined }),
  spec,
});

/** `count` cases; the same seed gives the same ones. */
export function randomBuilds(count: number, seed: number): BuildCase[] {
  return fc.sample(repository, { numRuns: count, seed }).map((given, index) => {
    const files: Record<string, string> = {};
    for (const [path, manifests] of given.files) files[`app/${path}.yaml`] = manifests.map(yamlOf).join("---\n");
    if (given.kustomization) {
      const resources = Object.keys(files).map((path) => path.slice("app/".length));
      files["app/kustomization.yaml"] = yamlOf({ ...given.kustomization, resources });
    }
    return { name: `case ${index}`, files, path: "./app", spec: cloneJson(given.spec) };
  });
}

/** Fields that were drawn as absent are left out. */
function yamlOf(value: JsonObject): string {
  return toYaml(JSON.parse(JSON.stringify(value)) as JsonValue);
}
