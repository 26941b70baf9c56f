// A run that would delete suspiciously much stops and asks, where it is told to, on a real API server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ALLOW_PRUNE_ANNOTATION, digString, type Manifest, PRUNE_GUARD_ANNOTATION } from "@plumbline/core/model";
import { findConfigMap } from "./testing/config-map.ts";
import { eventually } from "./testing/eventually.ts";
import { configMap } from "./testing/manifests.ts";
import { conditionOf, openSite, type Site } from "./testing/site.ts";

const NAMES = ["a", "b", "c", "d"];

const valueOf = async (site: Site, name: string): Promise<string | undefined> => {
  const object = await findConfigMap(site, name);
  return object && digString(object, "data", "value");
};
const files = (site: Site, value = "1"): Record<string, string> =>
  Object.fromEntries(NAMES.map((name) => [`app/${name}.yaml`, configMap(name, site.namespace, value)]));
const messageOf = (object: Manifest): string => conditionOf(object, "Ready")?.message ?? "";
const tokenOf = (object: Manifest): string => /allow-prune=(\w+)/.exec(messageOf(object))?.[1] ?? "";

async function openApp(
  t: Parameters<typeof openSite>[0],
  pruneGuard: number | undefined,
  annotations: Record<string, string> = {},
): Promise<Site> {
  const site = await openSite(t, pruneGuard === undefined ? {} : { engine: { pruneGuard } });
  const head = await site.repository.commit(files(site));
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" }, { annotations });
  await site.applied("app", head);
  return site;
}

const guarded = (site: Site, isIt: (object: Manifest) => boolean = () => true): Promise<Manifest> =>
  site.ready("app", ({ reason }, object) => reason === "PruneGuarded" && isIt(object));

test("a guarded deletion stops the whole revision, says what it would delete, and goes when just that is allowed", async (t) => {
  const site = await openApp(t, 0.3);
  const { namespace } = site;
  const two = { "app/a.yaml": null, "app/b.yaml": null, "app/c.yaml": configMap("c", namespace, "2") };
  const head = await site.repository.commit(two);
  const asked = await guarded(site);
  assert.match(
    messageOf(asked),
    new RegExp(
      `would delete 2 of 4 objects, and the guard lets 30% go: ConfigMap/${namespace}/a, ConfigMap/${namespace}/b; nothing`,
    ),
  );
  assert.equal(conditionOf(asked, "Stalled")?.reason, "PruneGuarded");
  assert.equal(await valueOf(site, "c"), "1", "nothing of the revision is applied");
  assert.ok((await findConfigMap(site, "a")) && (await findConfigMap(site, "b")));

  const ref = { group: "", version: "v1", kind: "ConfigMap", namespace, name: "d" };
  await site.client.patch(
    ref,
    { type: "merge", body: { data: { value: "by hand" } } },
    { fieldManager: "kubectl-edit" },
  );
  await eventually("the last good state is kept true", async () => (await valueOf(site, "d")) === "1");

  await site.kustomization("app", { path: "./app" }, { annotations: { [ALLOW_PRUNE_ANNOTATION]: "0123456789ab" } });
  const token = tokenOf(asked);
  assert.match(token, /^[0-9a-f]{12}$/);
  const elsewhere = await site.repository.commit({ "README.md": "another revision, the same deletion" });
  await site.restart();
  const again = await guarded(site, (object) =>
    (digString(object, "status", "lastAttemptedRevision") ?? "").endsWith(elsewhere),
  );
  assert.equal(tokenOf(again), token, "another revision and a restart ask for the same");
  assert.ok(await findConfigMap(site, "a"), "another token allows nothing");
  assert.notEqual(head, elsewhere);

  await site.kustomization("app", { path: "./app" }, { annotations: { [ALLOW_PRUNE_ANNOTATION]: token } });
  const done = await site.applied("app", elsewhere);
  assert.equal(conditionOf(done, "Stalled"), undefined);
  assert.equal(await valueOf(site, "c"), "2");
  assert.equal(await findConfigMap(site, "a"), undefined);

  await site.applied("app", await site.repository.commit(files(site)));
  await site.repository.commit({ "app/a.yaml": null, "app/b.yaml": null });
  assert.notEqual(tokenOf(await guarded(site)), token, "an old word does not allow the next deletion");
  assert.ok(await findConfigMap(site, "a"));
});

test("a build that yields nothing is asked about, whatever the share; a small deletion goes", async (t) => {
  const site = await openApp(t, undefined, { [PRUNE_GUARD_ANNOTATION]: "100%" });
  await site.applied(
    "app",
    await site.repository.commit({ "app/a.yaml": null, "app/b.yaml": null, "app/c.yaml": null }),
  );
  assert.equal(await findConfigMap(site, "a"), undefined);
  await site.repository.commit({ "app/d.yaml": null, "app/kustomization.yaml": "resources: []\n" });
  assert.match(
    messageOf(await guarded(site)),
    /would delete 1 of 1 objects, and the build yields nothing: ConfigMap\/.*\/d;/,
  );
  assert.ok(await findConfigMap(site, "d"));
});

test("a Kustomization may be stricter than the flag, or free; what cannot be read stops it", async (t) => {
  const site = await openApp(t, 0.5, { [PRUNE_GUARD_ANNOTATION]: "10%" });
  await site.repository.commit({ "app/a.yaml": null });
  assert.match(messageOf(await guarded(site)), /lets 10% go/);
  await site.kustomization("app", { path: "./app" }, { annotations: { [PRUNE_GUARD_ANNOTATION]: "thirty" } });
  const unread = await site.ready("app", ({ reason }) => reason === "InvalidSpec");
  assert.match(messageOf(unread), /prune-guard.*percentage/);
  assert.ok(await findConfigMap(site, "a"));
  await site.kustomization("app", { path: "./app" }, { annotations: { [PRUNE_GUARD_ANNOTATION]: "off" } });
  const head = await site.repository.commit({ "app/kustomization.yaml": "resources: []\n" });
  await site.applied("app", head);
  for (const name of NAMES) assert.equal(await findConfigMap(site, name), undefined);
});

test("without a flag everything goes at once, as with Flux", async (t) => {
  const site = await openApp(t, undefined);
  await site.applied("app", await site.repository.commit({ "app/kustomization.yaml": "resources: []\n" }));
  for (const name of NAMES) assert.equal(await findConfigMap(site, name), undefined);
});

test("objects that another Kustomization takes over are no deletion to ask about", async (t) => {
  const site = await openApp(t, 0.1);
  const moved = Object.fromEntries(NAMES.map((name) => [`app/${name}.yaml`, null]));
  const there = Object.fromEntries(NAMES.map((name) => [`two/${name}.yaml`, configMap(name, site.namespace, "two")]));
  await site.kustomization("two", { path: "./two" });
  const head = await site.repository.commit({ ...moved, ...there, "app/e.yaml": configMap("e", site.namespace) });
  await site.applied("app", head);
  await site.applied("two", head);
  for (const name of NAMES) await eventually("it is taken", async () => (await valueOf(site, name)) === "two");
});
