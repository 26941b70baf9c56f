// A kind that the API server does not tell of must not keep everything else from running.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { type SteppedClock, steppedClock } from "@plumbline/testkit/clock";
import type { Kube, KubeEvent } from "../ports/index.ts";
import { KindWatches } from "./kind-watches.ts";

const thing = { group: "example.com", version: "v1", kind: "Thing", namespace: "site", name: "a" };

interface Watched {
  watches: KindWatches;
  clock: SteppedClock;
  tell: (event: KubeEvent) => void;
}

/** A watch whose events the test writes itself; nothing else of the cluster is asked. */
function open(): Watched {
  const clock = steppedClock();
  let tell = (_event: KubeEvent): void => undefined;
  const kube = {
    watch: (options: { on(event: KubeEvent): void }) => {
      tell = (event) => options.on(event);
      return { synced: new Promise(() => undefined), stop: () => undefined };
    },
  } as unknown as Kube;
  const watches = new KindWatches({ kube, clock, labelSelector: "", on: () => undefined });
  return { watches, clock, tell: (event) => tell(event) };
}

test("a watch that tells nothing is waited for once, whatever the time-outs are, and the refusal says why", async () => {
  const { watches, clock, tell } = open();
  const options = { timeoutMs: 600_000 };
  const first = assert.rejects(watches.ensure([thing], options), {
    reason: "ClusterUnreachable",
    message: "the watch of Thing.example.com has told nothing for 60 s: conversion webhook failed",
  });
  const failure = new Failure({ reason: "ReconciliationFailed", message: "conversion webhook failed" });
  tell({ type: "disconnected", failure });
  clock.advance(60_000);
  await first;
  clock.advance(30_000);
  const second = assert.rejects(watches.ensure([thing], options), /has told nothing for 90 s/);
  clock.advance(0);
  await second;
  tell({ type: "synced" });
  await watches.ensure([thing], options);
});

test("a shorter time-out holds", async () => {
  const { watches, clock } = open();
  const refused = assert.rejects(watches.ensure([thing], { timeoutMs: 5000 }), /told nothing for 5 s/);
  clock.advance(5000);
  await refused;
});
