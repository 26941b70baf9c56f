// By whose rule an object would change, from its managedFields.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject, Manifest } from "@plumbline/core/model";
import type { Dialect } from "../ports/index.ts";
import { isAsDesired } from "../delivery/as-desired.ts";
import { explainChange, type Explained } from "./explain-change.ts";

const controls = { ssa: "Override" as const, force: false, keep: false, disabled: false };
/** Only what explaining asks of a dialect. */
const dialect = {
  managers: { apply: "kustomize-controller", deliveryStatus: "", sourceStatus: "" },
  readControls: () => controls,
} as unknown as Dialect;
const rules = { dialect, override: [] };

const entry = (manager: string, operation: string, data: JsonObject): JsonObject => ({
  manager,
  operation,
  apiVersion: "v1",
  fieldsType: "FieldsV1",
  fieldsV1: { "f:data": data },
});
const configMap = (data: JsonObject, managedFields: JsonObject[] = []): Manifest => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "c", namespace: "n", managedFields },
  data,
});
const desired: Manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "1" } };
const ref = { group: "", version: "v1", kind: "ConfigMap", namespace: "n", name: "c" };
const ours = entry("kustomize-controller", "Apply", { "f:a": {} });

function explained(live: Manifest | undefined): Explained {
  return explainChange({ ref, action: live ? "update" : "create", reason: "", manifest: desired }, live, rules);
}

test("explainChange() tells new, adopted, taken, changed, dropped and taken over apart", () => {
  assert.equal(explained(undefined).rule, "new");
  assert.equal(explained(configMap({ a: "2" }, [entry("helm", "Apply", { "f:a": {} })])).rule, "adoption");
  const taken = explained(
    configMap({ a: "2", b: "1" }, [
      entry("kustomize-controller", "Apply", { "f:b": {} }),
      entry("hpa", "Update", { "f:a": {} }),
    ]),
  );
  assert.equal(taken.rule, "field manager");
  assert.deepEqual(taken.fields, [
    { path: ".data.a", kind: "unowned", live: "2", desired: "1", owners: ["hpa"] },
    { path: ".data.b", kind: "dropped", live: "1", desired: undefined, owners: [] },
  ]);
  assert.equal(explained(configMap({ a: "2" }, [ours])).rule, "value");
  const dropped = entry("kustomize-controller", "Apply", { "f:a": {}, "f:b": {} });
  assert.equal(explained(configMap({ a: "1", b: "1" }, [dropped])).rule, "ownership");
  const labelled = configMap({ a: "1", x: "1" }, [ours, entry("kubectl-label", "Update", { "f:x": {} })]);
  assert.equal(explained(labelled).rule, "takeover");
  assert.match(explained(labelled).why, /kubectl-label/);
});

test("isAsDesired() is false as long as somebody's fields are to be taken over", () => {
  assert.equal(isAsDesired(desired, configMap({ a: "1" }, [ours]), rules), true);
  const touched = configMap({ a: "1", x: "1" }, [ours, entry("kubectl-label", "Update", { "f:x": {} })]);
  assert.equal(isAsDesired(desired, touched, rules), false);
});
