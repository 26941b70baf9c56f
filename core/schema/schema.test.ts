// What core/schema knows, beside what the documents of a server say.

import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinResource, builtinResources, builtinType, builtinTypeNames, namedType } from "./builtin.ts";
import { crdType, maxSchemaDepth } from "./crd.ts";
import { fieldType, itemType, type TypeNode } from "./type.ts";
import { typeTable } from "./type-table.ts";

const deployment = { group: "apps", version: "v1", kind: "Deployment" };

function at(node: TypeNode | undefined, ...path: string[]): TypeNode {
  let found = node;
  for (const key of path) {
    if (!found) break;
    found = key === "[]" ? itemType(found) : fieldType(found, key);
  }
  assert.ok(found, path.join("."));
  return found;
}

test("every built-in type can be read, with all that it leads to", () => {
  for (const name of builtinTypeNames()) {
    const node = namedType(name);
    assert.ok(node, name);
    for (const field of node.fields?.values() ?? []) assert.ok(field.type, `${name}.${field.name}`);
  }
  for (const resource of builtinResources()) assert.ok(namedType(resource.typeName), resource.kind);
});

test("builtinResource() says how a kind is addressed", () => {
  const found = builtinResource(deployment);
  assert.deepEqual([found?.plural, found?.namespaced, found?.shortNames], ["deployments", true, ["deploy"]]);
  assert.equal(builtinResource({ group: "", version: "v1", kind: "Namespace" })?.namespaced, false);
  assert.equal(builtinResource({ ...deployment, version: "v1beta1" }), undefined);
});

const merges: [path: string[], listType: TypeNode["listType"], keys: string[]][] = [
  [["spec", "template", "spec", "containers"], "map", ["name"]],
  [["spec", "template", "spec", "containers", "[]", "ports"], "map", ["containerPort", "protocol"]],
  [["spec", "template", "spec", "containers", "[]", "env"], "map", ["name"]],
  [["spec", "template", "spec", "containers", "[]", "args"], "atomic", []],
  [["spec", "template", "spec", "tolerations"], "atomic", []],
  [["metadata", "finalizers"], "set", []],
  [["metadata", "ownerReferences"], "map", ["uid"]],
];
for (const [path, listType, keys] of merges) {
  test(`a Deployment's ${path.join(".")} is a list of type ${listType}`, () => {
    const node = at(builtinType(deployment), ...path);
    assert.deepEqual([node.listType, node.listKeys], [listType, keys]);
  });
}

test("maps are atomic where the documents say so", () => {
  assert.equal(at(builtinType(deployment), "spec", "selector").mapType, "atomic");
  assert.equal(at(builtinType(deployment), "metadata", "labels").mapType, "granular");
  assert.equal(at(builtinType(deployment), "spec", "template", "spec", "nodeSelector").mapType, "atomic");
});

test("quantities, numbers or texts, and times are told apart", () => {
  const container = at(builtinType(deployment), "spec", "template", "spec", "containers", "[]");
  assert.equal(at(container, "resources", "limits", "cpu").format, "quantity");
  assert.equal(at(container, "livenessProbe", "httpGet", "port").format, "int-or-string");
  assert.equal(at(builtinType(deployment), "metadata", "creationTimestamp").name, "meta.v1.Time");
});

test("fields know what a server leaves out, and their order", () => {
  const spec = at(builtinType(deployment), "spec");
  assert.deepEqual([...(spec.fields?.keys() ?? [])].slice(0, 3), ["replicas", "selector", "template"]);
  const modes = ["replicas", "selector", "template", "paused"].map((name) => spec.fields?.get(name)?.write);
  assert.deepEqual(modes, ["pointer", "null", "zero", "omit-empty"]);
});

test("types that contain themselves are read as far as asked", () => {
  const schema = namedType("apiextensions.v1.JSONSchemaProps");
  assert.equal(at(schema, "not", "not", "properties", "x", "items").name, "apiextensions.v1.JSONSchemaPropsOrArray");
});

test("crdType() types metadata as in every object and keeps what the schema says", () => {
  const node = crdType(
    { group: "g", version: "v1", kind: "K" },
    {
      type: "object",
      properties: {
        metadata: { type: "object" },
        spec: { type: "object", properties: { a: { type: "string", default: "x" } } },
      },
    },
  );
  assert.equal(at(node, "metadata", "labels").type, "object");
  assert.equal(at(node, "spec").fields?.get("a")?.default, "x");
  assert.equal(fieldType(at(node, "spec"), "unknown"), undefined);
  assert.equal(fieldType(at(node, "spec"), "constructor"), undefined);
});

test("crdType() cuts schemas that nest deeper than a server allows", () => {
  let schema = {};
  for (let i = 0; i < 10 * maxSchemaDepth; i++) schema = { type: "object", properties: { x: schema } };
  const node = crdType({ group: "g", version: "v1", kind: "K" }, schema);
  assert.ok(at(node, ...Array.from({ length: 10 * maxSchemaDepth }, () => "x")));
});

test("typeTable() knows built-in kinds and every version of the CRDs given", () => {
  const version = (name: string, type: string): object => ({
    name,
    schema: { openAPIV3Schema: { type: "object", properties: { spec: { type } } } },
  });
  const crd = {
    spec: { group: "g", names: { kind: "K" }, versions: [version("v1", "string"), version("v2", "object")] },
  };
  const table = typeTable([JSON.parse(JSON.stringify(crd))]);
  const types = ["v1", "v2"].map((name) => at(table.typeOf({ group: "g", version: name, kind: "K" }), "spec").type);
  assert.deepEqual(types, ["string", "object"]);
  assert.ok(table.typeOf(deployment));
  assert.equal(table.typeOf({ group: "g", version: "v3", kind: "K" }), undefined);
});
