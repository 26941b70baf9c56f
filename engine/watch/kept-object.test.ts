// What was kept comes back as it was.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keepObject, keptObject } from "./kept-object.ts";

test("an object is kept as text and comes back equal", () => {
  const object = {
    kind: "ConfigMap",
    metadata: { name: "a", labels: {} },
    data: { text: "ü\n", list: [1, null, true] },
  };
  const kept = keepObject(object);
  assert.equal(typeof kept, "string");
  assert.deepEqual(keptObject(kept), object);
});

test("an object with an integer beyond 2^53 is kept as it is", () => {
  const object = { kind: "Thing", spec: { serial: 9_007_199_254_740_993n } };
  assert.equal(keptObject(keepObject(object)), object);
});
