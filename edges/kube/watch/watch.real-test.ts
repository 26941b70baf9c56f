// The watch against a real kube-apiserver: ends, restarts, selectors, many objects.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString, type Manifest, refOf } from "@plumbline/core/model";
import { startControlPlane } from "@plumbline/testkit/control-plane";
import type { KubeClient, WatchEvent, WatchOptions } from "../index.ts";
import { clientOf, eventually, testClient } from "../testing/clients.ts";

const kind = { group: "", kind: "ConfigMap" };

function configMap(namespace: string, name: string, labels: Record<string, string> = { w: "1" }): Manifest {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name, labels }, data: { k: "v" } };
}

interface Followed {
  /** `+a ~a -a ?a synced out back` */
  told: string[];
  objects: Map<string, Manifest>;
  stop: () => Promise<void>;
}

async function follow(client: KubeClient, options: Omit<WatchOptions, "on" | "resource">): Promise<Followed> {
  const told: string[] = [];
  const objects = new Map<string, Manifest>();
  const on = (event: WatchEvent): void => {
    if (event.type === "synced") told.push("synced");
    else if (event.type === "disconnected") told.push("out");
    else if (event.type === "resumed") told.push("back");
    else if (event.type === "anew") told.push("anew");
    else {
      const name = digString(event.object, "metadata", "name") ?? "";
      const sign = { added: "+", modified: "~", deleted: "-" }[event.type];
      told.push((event.type === "deleted" && !event.observed ? "?" : sign) + name);
      if (event.type === "deleted") objects.delete(name);
      else objects.set(name, event.object);
    }
  };
  const watch = client.watch({ resource: kind, on, ...options });
  await watch.synced;
  const stop = async (): Promise<void> => {
    watch.stop();
    await watch.closed;
  };
  return { told, objects, stop };
}

test("a watch tells what is there, then what happens; leaving the selector is a deletion", async (t) => {
  const { client, namespace } = await testClient(t);
  await client.create(configMap(namespace, "a"));
  const seen = await follow(client, { namespace, labelSelector: "w=1" });
  assert.deepEqual(seen.told, ["+a", "synced"]);
  const b = await client.create(configMap(namespace, "b"));
  await client.create(configMap(namespace, "unseen", {}));
  await client.patch(refOf(b), { type: "merge", body: { data: { k: "2" } } });
  await client.patch(refOf(b), { type: "merge", body: { metadata: { labels: { w: null } } } });
  await client.delete(refOf(configMap(namespace, "a")));
  await eventually(() => seen.told.length === 6, "four more events");
  assert.deepEqual(seen.told, ["+a", "synced", "+b", "~b", "-b", "-a"]);
  await seen.stop();
});

test("a watch of metadata keeps the kind and brings no data", async (t) => {
  const { client, namespace } = await testClient(t);
  await client.create(configMap(namespace, "a"));
  const seen = await follow(client, { namespace, metadataOnly: true, fieldSelector: "metadata.name=a" });
  const object = seen.objects.get("a");
  assert.deepEqual([object?.["apiVersion"], object?.["kind"], object?.["data"]], ["v1", "ConfigMap", undefined]);
  assert.ok(Array.isArray(dig(object, "metadata", "managedFields")));
  await seen.stop();
});

test("a stream that the server ends goes on from its last event, without listing and without a word", async (t) => {
  const { client, namespace, records } = await testClient(t);
  await client.create(configMap(namespace, "a"));
  const seen = await follow(client, { namespace, labelSelector: "w", streamSeconds: 1 });
  const watches = (): number => records.filter((record) => record.verb === "watch").length;
  await eventually(() => watches() >= 3, "two more streams");
  await client.create(configMap(namespace, "b"));
  await eventually(() => seen.objects.has("b"), "b is told");
  assert.deepEqual(seen.told, ["+a", "synced", "+b"]);
  assert.equal(records.filter((record) => record.verb === "list").length, 0);
  await seen.stop();
});

test("a kind that comes later is waited for", async (t) => {
  const { client, namespace } = await testClient(t);
  const events: string[] = [];
  const resource = { group: "absent.plumbline.test", kind: "Widget" };
  const watch = client.watch({ resource, namespace, on: (event) => void events.push(event.type) });
  await eventually(() => events.length > 0, "the first word");
  assert.deepEqual(events, ["disconnected"]);
  watch.stop();
  await watch.closed;
  await assert.rejects(watch.synced, { name: "AbortError" });
});

test("what the caller throws ends the watch and comes out of it", async (t) => {
  const { client, namespace } = await testClient(t);
  await client.create(configMap(namespace, "a"));
  const mistake = new Error("mine");
  const watch = client.watch({
    resource: kind,
    namespace,
    on: () => {
      throw mistake;
    },
  });
  await assert.rejects(watch.closed, mistake);
  await assert.rejects(watch.synced, mistake);
});

test("many objects are told in one stream, and the memory does not keep them", async (t) => {
  const { client, namespace } = await testClient(t);
  const count = 2000;
  const text = "x".repeat(2000);
  const create = (i: number): Promise<Manifest> => client.create({ ...configMap(namespace, `c${i}`), data: { text } });
  await Promise.all(Array.from({ length: count }, (_, i) => create(i)));
  let told = 0;
  const before = process.cpuUsage();
  const watch = client.watch({
    resource: kind,
    namespace,
    labelSelector: "w=1",
    on: (event) => void (told += event.type === "added" ? 1 : 0),
  });
  await watch.synced;
  const { user, system } = process.cpuUsage(before);
  assert.equal(told, count);
  const each = (user + system) / count;
  t.diagnostic(`${count} objects of 2.5 KB: ${each.toFixed(0)} us of CPU each`);
  assert.ok(each < 400, `${each} us per object is far from the 50 us measured`);
  watch.stop();
  await watch.closed;
});

test("a server without streaming of initial events is listed in pages, then watched", async (t) => {
  const plane = await startControlPlane({
    controllerManagerArgs: false,
    apiServerArgs: ["--feature-gates=WatchList=false"],
  });
  t.after(() => plane.stop());
  const { client, records } = clientOf(plane.kubeconfigPath, t);
  const count = 1100;
  await Promise.all(Array.from({ length: count }, (_, i) => client.create(configMap("default", `c${i}`))));
  const seen = await follow(client, { namespace: "default", labelSelector: "w=1", metadataOnly: true });
  assert.equal(seen.objects.size, count);
  assert.deepEqual([seen.told.at(-1), seen.told.length], ["synced", count + 1]);
  assert.equal(records.filter(({ verb }) => verb === "list").length, 3);
  await client.delete(refOf(configMap("default", "c7")));
  await eventually(() => seen.told.at(-1) === "-c7", "the deletion is told");
  await seen.stop();
});

test("an API server that crashes and comes back is survived: what was missed is told", async (t) => {
  const plane = await startControlPlane({ controllerManagerArgs: false, audit: true });
  t.after(() => plane.stop());
  const { client } = clientOf(plane.kubeconfigPath, t);
  const namespace = "default";
  for (const name of ["a", "b", "c"]) await client.create(configMap(namespace, name));
  const seen = await follow(client, { namespace, labelSelector: "w=1" });
  const versionBefore = digString(seen.objects.get("a"), "metadata", "resourceVersion");
  for (let round = 0; round < 2; round++) {
    await plane.stopApiServer(round === 0 ? "SIGKILL" : "SIGTERM");
    await eventually(() => seen.told.filter((word) => word === "out").length === round + 1, "the outage is told");
    await plane.startApiServer();
    const other = clientOf(plane.kubeconfigPath, t).client;
    const gone = round === 0 ? "b" : "c";
    await other.delete(refOf(configMap(namespace, gone)));
    await other.create(configMap(namespace, `new${round}`));
    await eventually(() => seen.objects.has(`new${round}`) && !seen.objects.has(gone), "what was missed is told");
    await eventually(() => seen.told.includes("back"), "the end of the outage is told");
  }
  const count = (word: string): number => seen.told.filter((each) => each === word).length;
  // A server that has just started cuts young streams, which may be outages of their own.
  await eventually(() => count("back") >= 2 && count("back") === count("out"), `all outages end: ${seen.told.join()}`);
  const words = new Set(seen.told.filter((word) => /^[-+~?]a$/.test(word)));
  assert.deepEqual([...words], ["+a", "~a"], "what did not change is told again, and never taken back");
  assert.equal(digString(seen.objects.get("a"), "metadata", "resourceVersion"), versionBefore);
  const last = clientOf(plane.kubeconfigPath, t).client;
  await last.create(configMap(namespace, "z"));
  await eventually(() => seen.objects.has("z"), "the watch lives");
  await seen.stop();
  const watches =
    (await plane.audit?.read({ userAgent: "plumbline-test" }))?.filter(({ verb }) => verb === "watch") ?? [];
  const started = watches.filter(({ requestURI }) => requestURI.includes("sendInitialEvents")).length;
  t.diagnostic(`${watches.length} streams, ${started} of them from the start`);
  assert.ok(started >= 2, "versions from before the crash were too old (410): what is there was told anew");
});
