// Fields that are left to others: pointers, comparisons, and what is sent instead.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject, JsonValue, Manifest } from "@plumbline/core/model";
import { differsBeyond, isIgnored, leavingIgnored, type Pointer, parsePointer, type Trial } from "./ignored-fields.ts";

const OURS = "us";

function pointer(text: string): Pointer {
  const found = parsePointer(text);
  assert.ok(found, text);
  return found;
}

/** A Deployment as the API server has it; `owned` are fieldsV1 by manager, all by Apply. */
function object(spec: JsonObject, owned: Record<string, JsonObject> = {}, annotations: JsonObject = {}): Manifest {
  const managedFields = Object.entries(owned).map(([manager, fieldsV1]) => ({ manager, operation: "Apply", fieldsV1 }));
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", resourceVersion: "7", annotations, managedFields },
    spec,
  };
}

const spec = (more: JsonObject): JsonObject => ({ "f:spec": more });
const trial = (live: Manifest, dryRun: Manifest): Trial => ({ live, dryRun, manager: OURS });

test("parsePointer() reads RFC 6901, and refuses what is no pointer or the whole object", () => {
  const rows: [string, Pointer | undefined][] = [
    ["/spec/replicas", ["spec", "replicas"]],
    ["/metadata/annotations/a.b~1c", ["metadata", "annotations", "a.b/c"]],
    ["/data/~01", ["data", "~1"]],
    ["/data/", ["data", ""]],
    ["", undefined],
    ["spec/replicas", undefined],
    ["$.spec", undefined],
    ["/data/a~b", undefined],
    ["/data/a~", undefined],
  ];
  for (const [text, want] of rows) assert.deepEqual(parsePointer(text), want, text);
});

test("isIgnored() takes in what lies below, and finds an item by its place in all objects", () => {
  const containers = (...names: string[]): Manifest => object({ containers: names.map((name) => ({ name })) });
  const image = (name: string): string[] => ["f:spec", "f:containers", `k:{"name":"${name}"}`, "f:image"];
  const first = [pointer("/spec/containers/0/image")];
  const rows: [readonly Pointer[], string[], Manifest[], boolean][] = [
    [[pointer("/spec")], ["f:spec", "f:replicas"], [], true],
    [[pointer("/spec/replicas")], ["f:spec"], [], false],
    [[pointer("/spec/replica")], ["f:spec", "f:replicas"], [], false],
    [[], ["f:spec"], [], false],
    [first, image("a"), [containers("a", "b"), containers("a")], true],
    [first, image("b"), [containers("a", "b")], false],
    [first, image("a"), [containers("a"), containers("b", "a")], false],
    [first, image("a"), [object({}), object({})], false],
    [[pointer("/spec/containers/9/image")], image("a"), [containers("a")], false],
    [[pointer("/spec/containers/-1/image")], image("a"), [containers("a")], false],
    [[pointer("/data/0")], ["f:data", "f:0"], [{ data: { 0: "x" } }], true],
  ];
  for (const [pointers, elements, objects, want] of rows) {
    assert.equal(isIgnored(elements, pointers, objects), want, JSON.stringify([pointers, elements]));
  }
});

test("differsBeyond() sees other values and the ownership of other fields, and nothing of the ignored ones", () => {
  const mine = { [OURS]: spec({ "f:replicas": {}, "f:paused": {} }) };
  const live = object({ replicas: 3, paused: true }, { [OURS]: spec({ "f:paused": {} }) });
  const ignored = [pointer("/spec/replicas")];
  assert.equal(differsBeyond(ignored, trial(live, object({ replicas: 1, paused: true }, mine))), false);
  assert.equal(differsBeyond(ignored, trial(live, object({ replicas: 1, paused: false }, mine))), true);
  assert.equal(differsBeyond([], trial(live, object({ replicas: 1, paused: true }, mine))), true);
  assert.equal(
    differsBeyond(ignored, trial(live, object({ replicas: 3, paused: true }, {}))),
    true,
    "paused is not ours",
  );
  const annotated = object({ replicas: 1, paused: true }, mine, { a: "b" });
  assert.equal(differsBeyond(ignored, trial(live, annotated)), true);
  assert.equal(differsBeyond([...ignored, pointer("/metadata/annotations/a")], trial(live, annotated)), false);
  const status = { ...live, status: { replicas: 9 } };
  assert.equal(differsBeyond(ignored, trial(status, live)), false);
  const lists = [pointer("/spec/args/0"), pointer("/spec/args/1")];
  const args = (...values: JsonValue[]): Manifest => object({ args: values });
  assert.equal(
    differsBeyond(lists, trial(args(1, 2, 3), args(8, 9, 3))),
    false,
    "each path means a place of the whole list",
  );
  assert.equal(differsBeyond(lists, trial(args(1, 2, 3), args(1, 2, 4))), true);
});

test("differsBeyond() takes what is nested too deep for another object", () => {
  const deep = (): JsonObject => JSON.parse(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`) as JsonObject;
  assert.equal(
    differsBeyond([pointer("/spec/replicas")], trial(object({ deep: deep() }), object({ deep: deep() }))),
    true,
  );
});

test("leavingIgnored() leaves out what somebody else applied, and sends the value of now where nobody has", () => {
  const desired = object({ replicas: 1, paused: false });
  const live = object({ replicas: 3, paused: true }, { scaler: spec({ "f:replicas": {} }), [OURS]: spec({}) });
  const both = [pointer("/spec/replicas"), pointer("/spec/paused")];
  assert.deepEqual(leavingIgnored(desired, both, trial(live, desired))["spec"], { paused: true });
  assert.deepEqual(desired["spec"], { replicas: 1, paused: false }, "what is desired stays as it is");
  const same = object({ replicas: 1, paused: true }, { scaler: spec({ "f:replicas": {} }) });
  assert.deepEqual(leavingIgnored(desired, both, trial(same, desired))["spec"], { replicas: 1, paused: true });
});

test("leavingIgnored() leaves out what is missing in the cluster, and brings what Git has dropped", () => {
  const desired = object({ replicas: 1 });
  const gone = leavingIgnored(desired, [pointer("/spec/replicas")], trial(object({}), desired));
  assert.deepEqual(gone["spec"], {});
  const live = object({ replicas: 1, strategy: { type: "Recreate" } });
  const kept = leavingIgnored(desired, [pointer("/spec/strategy/type")], trial(live, desired));
  assert.deepEqual(kept["spec"], { replicas: 1, strategy: { type: "Recreate" } });
  assert.deepEqual(leavingIgnored(desired, [pointer("/spec/replicas/x")], trial(live, desired)), desired);
});

test("leavingIgnored() finds items by their key: what somebody put in front is not taken for ours", () => {
  const owned = { [OURS]: spec({ "f:containers": { 'k:{"name":"web"}': { "f:image": {} } } }) };
  const other = { scaler: spec({ "f:containers": { 'k:{"name":"web"}': { "f:resources": { "f:limits": {} } } } }) };
  const desired = object({ containers: [{ name: "web", image: "web:1", resources: { limits: 1 } }] });
  const live = object(
    {
      containers: [
        { name: "side", image: "side:1" },
        { name: "web", image: "web:7", resources: { limits: 5 } },
      ],
    },
    { ...owned, ...other },
  );
  const dryRun = object({
    containers: [{ name: "side", image: "side:2" }, ...((desired["spec"] as JsonObject)["containers"] as JsonValue[])],
  });
  const sent = (...texts: string[]): JsonValue | undefined =>
    leavingIgnored(desired, texts.map(pointer), trial(live, dryRun))["spec"];
  assert.deepEqual(sent("/spec/containers/1/image"), {
    containers: [{ name: "web", image: "web:7", resources: { limits: 1 } }],
  });
  assert.deepEqual(sent("/spec/containers/1/resources"), { containers: [{ name: "web", image: "web:1" }] });
  assert.deepEqual(sent("/spec/containers/0/image"), desired["spec"], "an item that Git does not have");
  assert.deepEqual(sent("/spec/containers/7/image"), desired["spec"]);
});

test("leavingIgnored() finds an item of a set by its value", () => {
  const sets = (...values: string[]): Manifest =>
    object({ set: values }, { [OURS]: spec({ "f:set": { 'v:"a"': {}, 'v:"b"': {} } }) });
  const desired = object({ set: ["b"] });
  const sent = leavingIgnored(desired, [pointer("/spec/set/1")], trial(sets("a", "b"), sets("b")));
  assert.deepEqual(sent["spec"], { set: ["b"] });
});

test("keys that reach a prototype stay data", () => {
  const live = object({ constructor: 1, replicas: 3 });
  const desired = { ...object({ replicas: 1 }), data: JSON.parse('{"__proto__": 1}') as JsonObject };
  const pointers = [pointer("/spec/replicas"), pointer("/__proto__/x"), pointer("/data/__proto__")];
  const sent = leavingIgnored(desired, pointers, trial(live, desired));
  assert.equal(JSON.stringify(sent["data"]), "{}", "the cluster does not have it");
  assert.equal(({} as JsonObject)["x"], undefined);
  assert.equal(differsBeyond(pointers, trial({ ...live, data: {} }, { ...live, data: desired.data })), false);
});
