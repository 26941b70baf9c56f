// Starting and stopping before anything is known.

import assert from "node:assert/strict";
import { test } from "node:test";
import { steppedClock } from "@plumbline/testkit/clock";
import type { Ports } from "../ports/index.ts";
import { startEngine } from "./index.ts";

test("an engine that is stopped before it knows what exists ends well, and whoever waited is told", async () => {
  // A cluster that never answers: watches end only when they are stopped.
  const watch = (): { synced: Promise<void>; stop: () => void } => {
    const synced = Promise.withResolvers<void>();
    synced.promise.catch(() => undefined);
    return { synced: synced.promise, stop: () => synced.reject(new Error("stopped before it was synced")) };
  };
  const dialect = { sourceKind: { group: "", kind: "S" }, deliveryKind: { group: "", kind: "D" } };
  const ports = { kube: { watch }, clock: steppedClock(), dialect } as unknown as Ports; // nothing else is reached
  let unhandled: unknown;
  const onUnhandled = (reason: unknown): void => void (unhandled = reason);
  process.once("unhandledRejection", onUnhandled);
  const engine = startEngine(ports);
  await engine.stop();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", onUnhandled);
  assert.equal(unhandled, undefined);
  await assert.rejects(engine.synced, /stopped before/);
});
