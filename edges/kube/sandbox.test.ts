// The client against the sandbox: the same server for the demo and for whoever tests without a real one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, digString, Failure, type Manifest, refOf } from "@plumbline/core/model";
import { systemClock } from "@plumbline/edges/telemetry";
import { type RunningSandbox, startSandbox } from "@plumbline/sandbox/server";
import {
  connect,
  holdLease,
  isConflict,
  isForbidden,
  isKindUnknown,
  isNotFound,
  type KubeClient,
  parseKubeconfig,
  readLeaseHolder,
  type WatchEvent,
} from "./index.ts";

interface Hooks {
  after(work: () => Promise<void>): void;
}

const kind = { group: "", kind: "ConfigMap" };
const mine = { fieldManager: "plumbline-test" };

function configMap(name: string, data: Record<string, string> = {}): Manifest {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name }, data };
}

/** Pauses of the client pass twenty times as fast. */
function clientClock(): Clock {
  const clock = systemClock({ keepsAlive: true });
  return { ...clock, after: (ms, callback) => clock.after(ms / 20, callback) };
}

async function sandboxOf(t: Hooks): Promise<{ client: KubeClient; sandbox: RunningSandbox }> {
  const clock = systemClock({ keepsAlive: true });
  const sandbox = await startSandbox({ clock });
  const config = parseKubeconfig(sandbox.kubeconfig, { origin: "sandbox", env: {} });
  const client = connect(config, { clock: clientClock(), userAgent: "plumbline-test/0" });
  t.after(async () => {
    await client.close();
    await sandbox.stop();
  });
  return { client, sandbox };
}

const failureOf = async (work: Promise<unknown>): Promise<Failure> => {
  const thrown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(thrown instanceof Failure, String(thrown));
  return thrown;
};

test("the verbs work on the sandbox as on a real API server", async (t) => {
  const { client } = await sandboxOf(t);
  const { object, created } = await client.apply(configMap("a", { k: "1" }), mine);
  assert.equal(created, true);
  const again = await client.apply(configMap("a", { k: "1" }), mine);
  const version = (of: Manifest): string | undefined => digString(of, "metadata", "resourceVersion");
  assert.deepEqual([again.created, version(again.object)], [false, version(object)]);
  const conflict = await failureOf(client.apply(configMap("a", { k: "2" }), { fieldManager: "other" }));
  assert.ok(isConflict(conflict));
  assert.equal(conflict.where?.field, "data.k");
  const ref = refOf(object);
  const merged = await client.patch(ref, { type: "merge", body: { data: { m: "1" } } });
  assert.deepEqual(merged["data"], { k: "1", m: "1" });
  assert.equal(
    (await client.listAll(kind, { namespace: "default", fieldSelector: "metadata.name=a" })).items.length,
    1,
  );
  assert.equal(
    await client.delete(ref, { preconditions: { uid: digString(object, "metadata", "uid") ?? "" } }),
    undefined,
  );
  assert.ok(isNotFound(await failureOf(client.get(ref))));
  assert.ok(isKindUnknown(await failureOf(client.get({ ...ref, kind: "Nothing" }))));
  const as = { impersonate: { user: "system:serviceaccount:default:nobody" } };
  assert.ok(isForbidden(await failureOf(client.get(ref, as))));
});

interface Followed {
  told: string[];
  until(word: string): Promise<void>;
}

async function follow(client: KubeClient, t: Hooks): Promise<Followed> {
  const told: string[] = [];
  let wake = (): void => {};
  const on = (event: WatchEvent): void => {
    const name = "object" in event ? ` ${digString(event.object, "metadata", "name")}` : "";
    told.push(event.type === "deleted" && !event.observed ? `missing${name}` : event.type + name);
    wake();
  };
  const watch = client.watch({ resource: kind, namespace: "default", labelSelector: "w", on });
  t.after(async () => {
    watch.stop();
    await watch.closed;
  });
  await watch.synced;
  return {
    told,
    until: async (word) => {
      while (!told.includes(word)) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

const labelled = (name: string): Manifest => {
  const object = configMap(name);
  return { ...object, metadata: { namespace: "default", name, labels: { w: "1" } } };
};

test("a watch tells changes, and what it missed after 410", { timeout: 20_000 }, async (t) => {
  const { client, sandbox } = await sandboxOf(t);
  await client.create(labelled("a"));
  await client.create(labelled("b"));
  const seen = await follow(client, t);
  assert.deepEqual(seen.told, ["added a", "added b", "synced"]);
  await client.delete(refOf(labelled("a")));
  await seen.until("deleted a");
  sandbox.disconnect();
  await seen.until("disconnected");
  sandbox.reconnect();
  const { client: other } = { client: connectAgain(sandbox, t) };
  await other.delete(refOf(labelled("b")));
  await other.create(labelled("c"));
  sandbox.compact();
  await seen.until("added c");
  await seen.until("resumed");
  assert.ok(seen.told.includes("missing b") || seen.told.includes("deleted b"));
  assert.equal(seen.told.filter((word) => word === "disconnected").length, 1);
  await other.create(labelled("d"));
  await seen.until("added d");
});

function connectAgain(sandbox: RunningSandbox, t: Hooks): KubeClient {
  const config = parseKubeconfig(sandbox.kubeconfig, { origin: "sandbox", env: {} });
  const client = connect(config, { clock: clientClock(), userAgent: "plumbline-test/0" });
  t.after(() => client.close());
  return client;
}

test("a lease is held and released", async (t) => {
  const { client } = await sandboxOf(t);
  const clock = systemClock({ keepsAlive: true });
  const at = { client, clock, namespace: "default", name: "leader" };
  const { signal } = new AbortController();
  const lost: Failure[] = [];
  const lease = await holdLease({ ...at, identity: "me", signal, onLost: (failure) => void lost.push(failure) });
  assert.equal(lease.isHeld(), true);
  await lease.release();
  assert.equal((await readLeaseHolder(at)).state, "released");
  assert.equal(lost.length, 0);
});
