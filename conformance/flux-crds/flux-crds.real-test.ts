// Our CustomResourceDefinitions beside those that controller-gen makes from Flux's own Go types.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { isObject, type JsonObject, type JsonValue, setOwn } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { type CrdDefinition, crdOf } from "@plumbline/core/crd";
import { gitRepositoryDefinition, kustomizationDefinition } from "@plumbline/dialects/flux";
import { buildGoProgram } from "@plumbline/testkit/go";

const rows: [CrdDefinition, string][] = [
  [gitRepositoryDefinition, "github.com/fluxcd/source-controller/api/v1"],
  [kustomizationDefinition, "github.com/fluxcd/kustomize-controller/api/v1"],
];

for (const [definition, goPackage] of rows) {
  test(`the CRD of ${definition.kind} differs from Flux's in nothing but descriptions`, async () => {
    const ours = withoutDescriptions(crdOf(definition));
    const theirs = await fluxCrd(goPackage, definition.kind);
    assert.ok(countFields(theirs) > 50, "Flux's definition was read");
    assert.deepEqual(ours, theirs);
  });
}

async function fluxCrd(goPackage: string, kind: string): Promise<JsonValue> {
  const generator = await buildGoProgram({
    module: "conformance/flux-crds",
    package: "sigs.k8s.io/controller-tools/cmd/controller-gen",
    name: "controller-gen",
  });
  const args = ["crd:crdVersions=v1", `paths=${goPackage}`, "output:crd:stdout"];
  const { stdout } = await promisify(execFile)(generator, args, {
    cwd: join(import.meta.dirname),
    env: { ...process.env, GOFLAGS: "-mod=readonly" },
    maxBuffer: 64 << 20,
    timeout: 240_000,
  });
  const documents = parseYamlDocuments(stdout);
  const found = documents.find((crd) => isObject(crd.spec) && isObject(crd.spec.names) && crd.spec.names.kind === kind);
  assert.ok(found, `${kind} among the generated definitions`);
  return withoutDescriptions(withoutGeneratorMark(found));
}

function parseYamlDocuments(text: string): JsonObject[] {
  return text
    .split(/^---\n/mu)
    .map((part) => parseYaml(part))
    .filter(isObject);
}

/** controller-gen's own version stands in an annotation. */
function withoutGeneratorMark(crd: JsonObject): JsonObject {
  const { metadata } = crd;
  if (isObject(metadata) && isObject(metadata.annotations)) {
    delete metadata.annotations["controller-gen.kubebuilder.io/version"];
  }
  return crd;
}

/** Without descriptions; the schema has no field of that name, or the count of fields would tell. */
function withoutDescriptions(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, entry] of Object.entries(value)) {
    if (key !== "description" || typeof entry !== "string") setOwn(result, key, withoutDescriptions(entry));
  }
  return result;
}

function countFields(value: JsonValue): number {
  if (Array.isArray(value)) return value.reduce((sum: number, entry) => sum + countFields(entry), 0);
  return isObject(value) ? Object.values(value).reduce((sum: number, entry) => sum + 1 + countFields(entry), 0) : 0;
}
