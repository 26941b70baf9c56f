// Random specs: what we accept, refuse, fill in and leave out is what a real API server does with our definitions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { checkValue, type CrdDefinition, crdOf, type Schema } from "@plumbline/core/crd";
import { dig, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { apiRequest, type Cluster, startControlPlane } from "@plumbline/testkit/control-plane";
import { gitRepositoryDefinition } from "./git-repository-schema.ts";
import { kustomizationDefinition } from "./kustomization-schema.ts";

const count = 400;
const seed = 7;

const wrong = fc.constantFrom<JsonValue>(null, 1, true, "", "x", [], {}, [null], ["a"], { a: "b" }, -1, 1.5);

/** Values of a schema, with a wrong one now and then. */
function valuesOf(schema: Schema): fc.Arbitrary<JsonValue> {
  return fc.oneof({ weight: 400, arbitrary: rightOf(schema) }, { weight: 1, arbitrary: wrong });
}

function rightOf(schema: Schema): fc.Arbitrary<JsonValue> {
  switch (schema.type) {
    case "object":
      return schema.additionalProperties
        ? fc.dictionary(fc.constantFrom("a", "b", "__proto__"), valuesOf(schema.additionalProperties), {
            noNullPrototype: true,
          })
        : objectOf(schema);
    case "array":
      return fc.array(valuesOf(schema.items ?? { type: "string" }), { maxLength: 2 });
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: 0, max: 5 });
    case "string":
      return textOf(schema);
  }
}

function objectOf(schema: Schema): fc.Arbitrary<JsonValue> {
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) => [name, valuesOf(property)] as const);
  const all = Object.fromEntries([...fields, ["unknown", fc.constant("x")]]);
  const required = (schema.required ?? []) as string[];
  const mostly = fc.record(all, { requiredKeys: required, noNullPrototype: true });
  return fc.oneof(
    { weight: 300, arbitrary: mostly },
    { weight: 1, arbitrary: fc.record(all, { requiredKeys: [], noNullPrototype: true }) },
  ) as fc.Arbitrary<JsonValue>;
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  if (schema.enum)
    return fc.oneof(
      { weight: 200, arbitrary: fc.constantFrom(...schema.enum) },
      { weight: 1, arbitrary: fc.constant("other") },
    );
  if (schema.pattern?.includes("ms|s|m"))
    return fc.constantFrom(
      "1m",
      "1m30s",
      "1.5s",
      "10ms",
      "60s",
      "1s",
      "10s",
      "1ms",
      "5s",
      "2m",
      "3m",
      "7m",
      "8m",
      "9m",
      "2h",
      "5",
      "1d",
    );
  if (schema.pattern?.includes("http"))
    return fc.constantFrom("https://x.example.com/y", "http://x", "ssh://git@x/y", "git@x:y");
  const long = [
    fc.constant("é".repeat(63)),
    fc.constant("x".repeat(64)),
    fc.constant("x".repeat(201)),
    fc.constant(""),
  ];
  return fc.oneof(
    { weight: 400, arbitrary: fc.constantFrom("a", "b-c", "true", "1") },
    ...long.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
}

async function install(cluster: Cluster, definition: CrdDefinition): Promise<string> {
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const created = await apiRequest(cluster, { method: "POST", path, body: crdOf(definition) });
  assert.equal(created.status, 201, created.text);
  const served = `/apis/${definition.group}/${definition.version}/namespaces/default/${definition.plural}`;
  for (let tries = 0; (await apiRequest(cluster, { path: served })).status !== 200; tries++) {
    assert.ok(tries < 200, `${served} is not served`);
    await sleep(50);
  }
  return served;
}

interface Answer {
  spec: JsonValue | undefined;
  problems: string[];
}

async function ask(cluster: Cluster, path: string, object: JsonObject): Promise<Answer> {
  const answer = await apiRequest(cluster, { method: "POST", path: `${path}?dryRun=All`, body: object });
  const body = answer.json();
  if (answer.status === 201) return { spec: dig(body, "spec"), problems: [] };
  const causes = dig(body, "details", "causes");
  const lines = Array.isArray(causes) ? causes.map((cause) => JSON.stringify(cause)) : [answer.text];
  return { spec: undefined, problems: lines };
}

/** The rules that only the API server evaluates. */
const celRule = /exactly one of spec\.kubeConfig|serviceAccountName can only be set/u;

for (const definition of [gitRepositoryDefinition, kustomizationDefinition]) {
  test(`${count} random specs of ${definition.kind} are judged as a real API server judges them`, async (t) => {
    const cluster = await startControlPlane({ controllerManagerArgs: false });
    t.after(() => cluster.stop());
    const path = await install(cluster, definition);
    let accepted = 0;
    for (const drawn of fc.sample(rightOf(definition.spec), { numRuns: count, seed })) {
      const spec = JSON.parse(JSON.stringify(drawn)) as JsonObject;
      const head = { apiVersion: `${definition.group}/${definition.version}`, kind: definition.kind };
      const theirs = await ask(cluster, path, { ...head, metadata: { name: "x", namespace: "default" }, spec });
      if (theirs.problems.some((problem) => celRule.test(problem))) continue;
      const ours = checkValue(definition.spec, spec, "spec");
      const said = `${JSON.stringify(spec)}\n${theirs.problems.join("\n")}\n${JSON.stringify(ours.problems)}`;
      assert.equal(ours.problems.length > 0, theirs.problems.length > 0, said);
      if (theirs.spec === undefined) continue;
      accepted++;
      assert.deepEqual(ours.value, theirs.spec, said);
    }
    t.diagnostic(`${accepted} of ${count} accepted`);
    assert.ok(accepted > count / 10 && accepted < count, String(accepted));
  });
}
