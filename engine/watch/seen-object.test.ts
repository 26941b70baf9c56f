// Events and the answers to our own writes, in any order.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Manifest } from "@plumbline/core/model";
import type { Dialect } from "../ports/index.ts";
import { marksOf, type SeenObject, seeObject } from "./seen-object.ts";

// Only the annotation that asks for a run is needed of a dialect here.
const dialect = { requestOf: () => undefined } as unknown as Dialect;

function object(resourceVersion: string, generation: number, uid = "1"): Manifest {
  return { metadata: { name: "app", uid, resourceVersion, generation } };
}

function held(first: Manifest): SeenObject {
  return { object: first, marks: marksOf(first, dialect) };
}

test("a spec change asks for a run, also when the answer to our own write showed it before its event came", () => {
  const state = held(object("10", 1));
  state.object = object("12", 2);
  assert.equal(seeObject(state, object("11", 2), dialect), true, "the event of the change");
  assert.equal(state.object.metadata && (state.object.metadata as { resourceVersion: string }).resourceVersion, "12");
  assert.equal(seeObject(state, object("12", 2), dialect), false, "the event of our write");
});

test("an event that is older than what we wrote brings no old status back; a namesake always counts", () => {
  const state = held(object("10", 1));
  state.object = object("12", 1);
  assert.equal(seeObject(state, object("11", 1), dialect), false);
  assert.deepEqual(state.object, object("12", 1));
  const namesake = object("9", 1, "2");
  assert.equal(seeObject(state, namesake, dialect), false);
  assert.equal(state.object, namesake);
});
