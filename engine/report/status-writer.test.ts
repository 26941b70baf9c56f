// Finalizers beside others who change the same object.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, Failure, type Manifest } from "@plumbline/core/model";
import type { Ports } from "../ports/index.ts";
import { StatusWriter } from "./status-writer.ts";

function object(resourceVersion: string, finalizers: string[], uid = "1"): Manifest {
  const metadata = { name: "app", namespace: "site", uid, resourceVersion, finalizers };
  return { apiVersion: "v1", kind: "ConfigMap", metadata };
}

function finalizersOf(live: Manifest | undefined): unknown {
  return live && dig(live, "metadata", "finalizers");
}

/** An object in a cluster that checks resource versions, as an API server does for a patch that names one. */
function clusterOf(live: Manifest | undefined): { writer: StatusWriter; live: () => Manifest | undefined } {
  const state = { live };
  const kube = {
    find: () => Promise.resolve(state.live),
    patch: (_ref: unknown, { body }: { body: { metadata: { finalizers: string[]; resourceVersion: string } } }) => {
      const current = state.live?.metadata as { resourceVersion: string } | undefined;
      if (!current) return Promise.reject(new Failure({ reason: "NotFound", message: "gone" }));
      if (current.resourceVersion !== body.metadata.resourceVersion)
        return Promise.reject(new Failure({ reason: "Conflict", message: "changed meanwhile" }));
      state.live = object(`${Number(current.resourceVersion) + 1}`, body.metadata.finalizers);
      return Promise.resolve(state.live);
    },
  };
  const ports = { kube, dialect: { finalizer: "ours" } } as unknown as Ports; // finalizers need no more of them
  return { writer: new StatusWriter(ports), live: () => state.live };
}

test("a finalizer is added and removed though somebody changed the list meanwhile, whose entry stays", async () => {
  const { writer, live } = clusterOf(object("5", ["theirs"]));
  const held = { object: object("3", []) };
  await writer.ensureFinalizer(held, "manager");
  assert.deepEqual(finalizersOf(live()), ["theirs", "ours"]);
  held.object = object("3", ["ours"]);
  await writer.removeFinalizer(held, "manager");
  assert.deepEqual(finalizersOf(live()), ["theirs"]);
});

test("an object that is gone, or was made anew under its name, needs no finalizer removed", async () => {
  await clusterOf(undefined).writer.removeFinalizer({ object: object("3", ["ours"]) }, "manager");
  const other = clusterOf(object("9", ["ours"], "2"));
  await other.writer.removeFinalizer({ object: object("3", ["ours"]) }, "manager");
  assert.deepEqual(finalizersOf(other.live()), ["ours"]);
});
