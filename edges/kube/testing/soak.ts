// Watches and writes over a bad network for a while; what is known at the end must be what is there.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Clock, digString, Failure, type Manifest, refOf } from "@plumbline/core/model";
import { systemClock } from "@plumbline/edges/telemetry";
import { sharedCluster, type TestHooks, withNamespace } from "@plumbline/testkit/control-plane";
import { connect, type KubeClient, loadKubeconfig, type WatchEvent } from "../index.ts";
import { type BadNetwork, badNetwork } from "@plumbline/testkit/faults";
import { eventually } from "./clients.ts";

const kind = { group: "", kind: "ConfigMap" };
const objects = 40;

export interface SoakResult {
  rounds: number;
  events: number;
  outages: number;
  failedWrites: number;
  /** After garbage collection, at a third of the time and at the end. */
  heapMb: [number, number];
}

/** Throws when the watch and the server disagree at the end of a round, or a call fails without a Failure. */
export async function soak(test: TestHooks, options: { seconds: number; seed: number }): Promise<SoakResult> {
  const cluster = await sharedCluster();
  const namespace = await withNamespace(cluster, test, "soak");
  const network = await badNetwork(test, Number(new URL(cluster.url).port));
  const { direct, shaky } = clients(test, cluster.kubeconfigPath, network);
  const known = new Map<string, string>();
  const result: SoakResult = { rounds: 0, events: 0, outages: 0, failedWrites: 0, heapMb: [0, 0] };
  const watch = shaky.watch({ resource: kind, namespace, labelSelector: "soak", on: (event) => note(event) });
  const note = (event: WatchEvent): void => {
    result.events++;
    if (event.type === "disconnected") result.outages++;
    if (!("object" in event)) return;
    const name = digString(event.object, "metadata", "name") ?? "";
    if (event.type === "deleted") known.delete(name);
    else known.set(name, digString(event.object, "metadata", "resourceVersion") ?? "");
  };
  await watch.synced;
  const random = randomOf(options.seed);
  const endsAt = performance.now() + options.seconds * 1000;
  const third = endsAt - (options.seconds * 2000) / 3;
  while (performance.now() < endsAt) {
    result.rounds++;
    const writing = write({ direct, shaky, namespace, random });
    await misbehave(network, random);
    result.failedWrites += await writing;
    await eventually(async () => same(known, await listed(direct, namespace)), "the watch knows what is there");
    if (performance.now() < third || result.heapMb[0] === 0) result.heapMb[0] = heapMb();
  }
  result.heapMb[1] = heapMb();
  watch.stop();
  await watch.closed;
  assert.deepEqual([shaky.load().inFlight, shaky.load().waiting], [0, 0]);
  return result;
}

function clients(test: TestHooks, path: string, network: BadNetwork): { direct: KubeClient; shaky: KubeClient } {
  const clock = systemClock({ keepsAlive: true });
  // Pauses, PINGs and their patience pass 30 times as fast.
  const quick: Clock = { ...clock, after: (ms, callback) => clock.after(ms / 30, callback) };
  const config = loadKubeconfig({ path, env: {} });
  const direct = connect(config, { clock, userAgent: "plumbline-test/0" });
  const server = `https://127.0.0.1:${network.port}`;
  const shaky = connect({ ...config, server }, { clock: quick, userAgent: "plumbline-test/0" });
  test.after(async () => {
    await shaky.close();
    await direct.close();
  });
  return { direct, shaky };
}

type Random = (below: number) => number;

function randomOf(seed: number): Random {
  let state = seed;
  return (below) => (state = (state * 48271) % 2147483647) % below;
}

async function misbehave(network: BadNetwork, random: Random): Promise<void> {
  switch (random(5)) {
    case 0:
      network.cut();
      break;
    case 1:
      network.freeze();
      break;
    case 2:
      network.refuse(true);
      network.cut();
      await pause(random(300));
      network.refuse(false);
      break;
    case 3:
      network.delay(random(50));
      await pause(100);
      network.delay(0);
      break;
    default:
      await pause(random(50));
  }
}

/** Applies and deletes at random, over both clients; counts what failed. */
async function write(at: {
  direct: KubeClient;
  shaky: KubeClient;
  namespace: string;
  random: Random;
}): Promise<number> {
  let failed = 0;
  const work = Array.from({ length: 10 }, async () => {
    const metadata = { namespace: at.namespace, name: `o${at.random(objects)}`, labels: { soak: "1" } };
    const object: Manifest = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { v: String(at.random(1000)) } };
    const client = at.random(2) === 0 ? at.direct : at.shaky;
    const isDeletion = at.random(3) === 0;
    try {
      if (isDeletion) await client.delete(refOf(object));
      else await client.apply(object, { fieldManager: "soak", force: true });
    } catch (thrown) {
      assert.ok(thrown instanceof Failure, String(thrown));
      if (thrown.reason !== "NotFound") failed++;
    }
  });
  await Promise.all(work);
  return failed;
}

async function listed(client: KubeClient, namespace: string): Promise<Map<string, string>> {
  const page = await client.listAll(kind, { namespace, labelSelector: "soak", metadataOnly: true });
  const versionOf = (item: Manifest): string => digString(item, "metadata", "resourceVersion") ?? "";
  return new Map(page.items.map((item) => [digString(item, "metadata", "name") ?? "", versionOf(item)]));
}

function same(a: Map<string, string>, b: Map<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

function heapMb(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void; // the flag makes it a function
  collect();
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}
