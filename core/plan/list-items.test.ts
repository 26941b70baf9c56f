// Items whose key somebody changed are told from items that others own beside ours.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, type JsonObject, type Manifest } from "@plumbline/core/model";
import { refusedList, splitItems } from "./list-items.ts";
import { takeoverPatch } from "./takeover.ts";

const desired: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "s", namespace: "a" },
  spec: { ports: [{ name: "http", port: 80, protocol: "TCP" }], externalIPs: ["10.0.0.1"] },
};
const port = (number: number): string => `k:{"port":${number},"protocol":"TCP"}`;

const refusal = (field: string, message: string): Failure =>
  new Failure({ reason: "ReconciliationFailed", message, where: { field } });

test("refusedList() finds the list of a refusal about names, and no other one", () => {
  const duplicate = refusal("spec.ports[1].name", 'spec.ports[1].name: Duplicate value: "http"');
  assert.deepEqual(refusedList(duplicate, desired)?.path, ["spec", "ports"]);
  const deep = refusal("spec.template.spec.containers[0].ports[1].name", "Duplicate value");
  assert.deepEqual(refusedList(deep, desired)?.path, ["spec", "template", "spec", "containers", "ports"]);
  assert.equal(refusedList(refusal("spec.ports[0].port", "Invalid value: 0"), desired), undefined);
  assert.equal(refusedList(refusal("spec.selector", "Required value"), desired), undefined);
  assert.equal(refusedList(new Error("Duplicate value"), desired), undefined);
});

test("splitItems() takes the items of that list that Git does not have, and leaves everything else", () => {
  const list = { path: ["spec", "ports"], desired };
  const fields: JsonObject = {
    "f:metadata": { "f:labels": { "f:x": {} } },
    "f:spec": {
      "f:ports": { [port(80)]: { "f:nodePort": {} }, [port(81)]: { ".": {}, "f:port": {} } },
      "f:externalIPs": {},
      "f:type": {},
    },
  };
  assert.deepEqual(splitItems(fields, list), {
    kept: {
      "f:metadata": { "f:labels": { "f:x": {} } },
      "f:spec": { "f:ports": { [port(80)]: { "f:nodePort": {} } }, "f:externalIPs": {}, "f:type": {} },
    },
    moved: { "f:spec": { "f:ports": { [port(81)]: { ".": {}, "f:port": {} } } } },
  });
  assert.deepEqual(splitItems(fields, { ...list, path: ["spec", "other"] }).moved, {});
});

test("takeoverPatch() hands over such items of updates, not those of another applier", () => {
  const fieldsV1 = { "f:spec": { "f:ports": { [port(81)]: { ".": {}, "f:port": {} } } } };
  const live = (operation: string): Manifest => ({
    ...desired,
    metadata: {
      name: "s",
      resourceVersion: "7",
      managedFields: [
        { manager: "ours", operation: "Apply", fieldsV1: { "f:spec": { "f:type": {} } } },
        { manager: "dashboard", operation, fieldsV1 },
      ],
    },
  });
  const rules = { manager: "ours", override: [], list: { path: ["spec", "ports"], desired } };
  const [patch] = takeoverPatch(live("Update"), rules);
  assert.deepEqual(patch?.["value"], [
    { manager: "ours", operation: "Apply", fieldsV1: { "f:spec": { "f:type": {}, ...fieldsV1["f:spec"] } } },
  ]);
  assert.deepEqual(takeoverPatch(live("Apply"), rules), []);
});
