// Tests of the substitution in objects.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure, type Manifest } from "@plumbline/core/model";
import { SUBSTITUTE_KEY, substituteManifest } from "./substitute-manifest.ts";
import { mergeVariables } from "./variables.ts";

const variables = mergeVariables([], {
  replicas: "3",
  name: "web",
  tls: "true",
  version: "1.10",
  text: "a: b",
  none: "",
});

function deployment(spec: Manifest, metadata: Manifest = {}): Manifest {
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "app", namespace: "shop", ...metadata }, spec };
}

describe("substitution in an object", () => {
  it("reads values again as YAML: numbers, booleans and null appear", () => {
    const result = substituteManifest(
      deployment({ replicas: "${replicas}", tls: "${tls}", version: "${version}", none: "${none}", name: "${name}-1" }),
      variables,
    );
    assert.deepEqual(result.spec, { replicas: 3, tls: true, version: 1.1, none: null, name: "web-1" });
  });

  it("keeps quotes that the manifest's YAML has", () => {
    const result = substituteManifest(
      deployment({ a: "yes ${replicas}", b: "@${replicas}", c: "${replicas} #x" }),
      variables,
    );
    assert.deepEqual(result.spec, { a: "yes 3", b: "@3", c: "3 #x" });
  });

  it("substitutes in keys, too", () => {
    const result = substituteManifest(deployment({ "${name}-key": 1 }), variables);
    assert.deepEqual(result.spec, { "web-key": 1 });
  });

  for (const field of ["labels", "annotations"] as const) {
    it(`leaves an object alone that opts out by ${field}`, () => {
      const object = deployment({ a: "${nope}" }, { [field]: { [SUBSTITUTE_KEY]: "disabled" } });
      assert.equal(substituteManifest(object, variables), object);
    });
  }

  it("does nothing without variables unless the strategy is Always", () => {
    const object = deployment({ a: "${nope:=x}" });
    assert.equal(substituteManifest(object, new Map()), object);
    assert.deepEqual(substituteManifest(object, new Map(), { always: true }).spec, { a: "x" });
  });

  it("gives the same object back when it has no dollar sign", () => {
    const object = deployment({ a: "x", b: [1, { c: "y" }] });
    assert.equal(substituteManifest(object, variables), object);
  });

  it("names the object, the field and the variable of a failure", () => {
    assert.throws(
      () => substituteManifest(deployment({ template: { env: [{ value: "ok" }, { value: "${nope}" }] } }), variables),
      (error: unknown) => {
        assert.ok(error instanceof Failure);
        assert.equal(
          error.message,
          "post build failed for 'Deployment.v1.apps/app': envsubst error: variable substitution failed: variable not set (strict mode): \"nope\"",
        );
        assert.deepEqual(error.where, { object: "Deployment/shop/app", field: "spec.template.env[1].value" });
        return true;
      },
    );
  });

  it("names the field of an expression that cannot be read", () => {
    assert.throws(
      () => substituteManifest(deployment({ script: "echo ${HOME}/${1..3}" }), variables),
      (error: unknown) => error instanceof Failure && error.where?.field === "spec.script",
    );
  });

  it("refuses a value that makes the object no YAML", () => {
    assert.throws(
      () => substituteManifest(deployment({ a: "${text}" }), variables),
      /YAMLToJSON: yaml: line \d+: mapping values/,
    );
  });

  it("refuses a variable whose name is not allowed", () => {
    assert.throws(() => substituteManifest(deployment({}), new Map([["my-var", "x"]])), {
      message:
        "post build failed for 'Deployment.v1.apps/app': envsubst error: 'my-var' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'",
    });
  });
});

describe("variables", () => {
  it("come from sources in order, inline ones last, without line feeds", () => {
    const merged = mergeVariables([{ a: "1", b: "x\ny\n" }, { a: "2" }], { c: "3", b: "z" });
    assert.deepEqual(
      [...merged],
      [
        ["a", "2"],
        ["b", "z"],
        ["c", "3"],
      ],
    );
    assert.equal(mergeVariables([{ v: "x\ny\n" }]).get("v"), "xy");
  });
});
