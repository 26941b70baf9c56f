// Revisions, events, history and the indexes of the store.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "@plumbline/core/model";
import { keptEvents, Store, type StoreEvent } from "./store.ts";

const object = (name: string, more: JsonObject = {}): JsonObject => ({
  metadata: { name, namespace: "n", uid: name, ...more },
});

test("put() gives every write a revision of its own and stamps it", () => {
  const store = new Store();
  const first = store.put("/things", object("a"));
  const second = store.put("/others", object("b"));
  assert.equal(second.revision, first.revision + 1);
  assert.equal((first.object.metadata as JsonObject)["resourceVersion"], String(first.revision));
});

test("listeners hear what was before and what is now; a removal has a revision too", () => {
  const store = new Store();
  const events: StoreEvent[] = [];
  store.listen("/things", (event) => events.push(event));
  store.put("/things", object("a"));
  store.put("/things", object("a", { labels: {} }));
  store.remove("/things", "n/a");
  assert.deepEqual(
    events.map(({ type }) => type),
    ["ADDED", "MODIFIED", "DELETED"],
  );
  assert.equal(events[1]?.previous?.revision, events[0]?.revision);
  assert.ok((events[2]?.revision ?? 0) > (events[1]?.revision ?? 0));
});

test("list() is in the order of keys and of one namespace when asked", () => {
  const store = new Store();
  for (const name of ["c", "a", "b"]) store.put("/things", object(name));
  store.put("/things", { metadata: { name: "z", namespace: "m", uid: "z" } });
  assert.deepEqual(
    store.list("/things").map(({ key }) => key),
    ["m/z", "n/a", "n/b", "n/c"],
  );
  assert.deepEqual(
    store.list("/things", "m").map(({ key }) => key),
    ["m/z"],
  );
});

test("eventsSince() gives what came after, and nothing for what is forgotten", () => {
  const store = new Store();
  const { revision } = store.put("/things", object("a"));
  store.put("/things", object("b"));
  assert.equal(store.eventsSince("/things", revision)?.length, 1);
  for (let i = 0; i < 3 * keptEvents; i++) store.put("/things", object("c", { labels: { i: String(i) } }));
  assert.equal(store.eventsSince("/things", revision), undefined);
  store.compact("/things");
  assert.equal(store.eventsSince("/things", store.revision - 1), undefined);
  assert.deepEqual(store.eventsSince("/things", store.revision), []);
});

test("dependents() and byUid() follow writes and removals", () => {
  const store = new Store();
  store.put("/things", object("child", { ownerReferences: [{ uid: "owner" }] }));
  assert.deepEqual(
    store.dependents("owner").map(({ name }) => name),
    ["child"],
  );
  store.put("/things", object("child"));
  assert.deepEqual(store.dependents("owner"), []);
  assert.equal(store.byUid("child")?.key, "n/child");
  store.remove("/things", "n/child");
  assert.equal(store.byUid("child"), undefined);
});
