// Objects that two Kustomizations want, and objects that move from one to the other, on a real API server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { digString, dig, type Manifest, metadataMap } from "@plumbline/core/model";
import { configMapRef, findConfigMap } from "./testing/config-map.ts";
import { eventually } from "./testing/eventually.ts";
import { configMap, deployment } from "./testing/manifests.ts";
import { conditionOf, openSite, type Site } from "./testing/site.ts";

const uidOf = (object: Manifest | undefined): string | undefined => object && digString(object, "metadata", "uid");
const valueOf = (object: Manifest | undefined): string | undefined => object && digString(object, "data", "value");
const ownerOf = (object: Manifest | undefined): string | undefined =>
  object && metadataMap(object, "labels")["kustomize.toolkit.fluxcd.io/name"];

async function contested(site: Site, name: string): Promise<string> {
  return conditionOf(await site.get("Kustomization", name), "Contested")?.message ?? "";
}

function inventoryOf(object: Manifest): string[] {
  const entries = dig(object, "status", "inventory", "entries");
  return Array.isArray(entries) ? entries.map((entry) => digString(entry, "id") ?? "") : [];
}

const deletions = (site: Site): number =>
  site.requests.filter(({ verb, resource }) => verb === "delete" && resource === "configmaps").length;

/** `one` has the object, `two` has another one; both are applied. */
async function openPair(
  t: Parameters<typeof openSite>[0],
  two: Record<string, string | boolean | object[]> = {},
  one: Record<string, object[]> = {},
): Promise<{ site: Site; uid: string }> {
  const site = await openSite(t);
  const head = await site.repository.commit({
    "one/x.yaml": configMap("x", site.namespace, "of one"),
    "one/rest.yaml": configMap("rest-one", site.namespace),
    "two/rest.yaml": configMap("rest-two", site.namespace),
  });
  await site.source("fleet");
  await site.kustomization("one", { path: "./one", ...one } as never);
  await site.kustomization("two", { path: "./two", ...two } as never);
  await site.applied("one", head);
  if (two["suspend"] !== true) await site.applied("two", head);
  const uid = uidOf(await findConfigMap(site, "x"));
  assert.ok(uid);
  site.requests.length = 0;
  return { site, uid };
}

const move = (site: Site, more: Record<string, string | null> = {}): Promise<string> =>
  site.repository.commit({ "one/x.yaml": null, "two/x.yaml": configMap("x", site.namespace, "of two"), ...more });

/** The object is `two`'s by now, and always was the same one. */
async function assertHandedOver(site: Site, uid: string): Promise<void> {
  await eventually("two takes it", async () => ownerOf(await findConfigMap(site, "x")) === "two");
  await eventually("one lets it go", async () => {
    return !inventoryOf(await site.get("Kustomization", "one")).some((id) => id.includes("_x_"));
  });
  const object = await findConfigMap(site, "x");
  assert.equal(uidOf(object), uid);
  assert.equal(valueOf(object), "of two");
  assert.equal(deletions(site), 0);
  for (const name of ["one", "two"]) {
    const status = await site.get("Kustomization", name);
    assert.equal(conditionOf(status, "Contested"), undefined);
    assert.equal(conditionOf(status, "HandingOver"), undefined);
  }
}

test("two that want one object: the one that has it keeps it, both say so, and nobody fights", async (t) => {
  const { site, uid } = await openPair(t);
  const { namespace } = site;
  const both = { "two/x.yaml": configMap("x", namespace, "of two") };
  await site.applied("two", await site.repository.commit(both));
  await eventually("the keeper is told", async () => (await contested(site, "one")) !== "");
  assert.match(
    await contested(site, "two"),
    new RegExp(`ConfigMap/${namespace}/x is kept by Kustomization ${namespace}/one`),
  );
  assert.match(
    await contested(site, "one"),
    new RegExp(`ConfigMap/${namespace}/x is wanted by Kustomization ${namespace}/two`),
  );
  const changed = {
    "two/x.yaml": configMap("x", namespace, "of two again"),
    "two/rest.yaml": configMap("rest-two", namespace, "2"),
  };
  await site.applied("two", await site.repository.commit(changed));
  assert.equal(valueOf(await findConfigMap(site, "rest-two")), "2", "the rest is applied");
  const writes = site.requests.filter(
    ({ verb, resource, dryRun }) => verb === "apply" && resource === "configmaps" && !dryRun,
  );
  assert.equal(writes.length, 1, "nothing but the rest was written");
  assert.equal(site.requests.filter(({ verb }) => verb === "get").length, 0, "nothing was asked");
  assert.equal(valueOf(await findConfigMap(site, "x")), "of one");

  const before = await Promise.all(["one", "two"].map(async (name) => (await site.get("Kustomization", name)).status));
  site.requests.length = 0;
  site.events.length = 0;
  await site.restart();
  await eventually("both ran again", () => {
    const ended = site.events.filter(({ type }) => type === "delivery-ended");
    return new Set(ended.map((event) => "key" in event && event.key)).size === 2;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(site.requests.filter(({ verb }) => verb === "apply" || verb === "delete").length, 0);
  const conditions = (status: unknown): unknown => dig(status as Manifest, "conditions");
  for (const [i, name] of ["one", "two"].entries()) {
    assert.deepEqual(
      conditions((await site.get("Kustomization", name)).status),
      conditions(before[i]),
      "no condition moved",
    );
  }
  await site.applied("one", await site.repository.commit({ "one/rest.yaml": configMap("rest-one", namespace, "3") }));
  await eventually("a restart changes nothing", async () => (await contested(site, "two")) !== "");
  assert.equal(ownerOf(await findConfigMap(site, "x")), "one");

  await site.applied("one", await site.repository.commit({ "one/x.yaml": null }));
  await eventually("the other takes it", async () => valueOf(await findConfigMap(site, "x")) === "of two again");
  assert.equal(uidOf(await findConfigMap(site, "x")), uid);
  for (const name of ["one", "two"])
    await eventually("nothing is contested", async () => (await contested(site, name)) === "");
});

test("one that is suspended keeps nothing from others, as with Flux; resumed, it says who has the object", async (t) => {
  const { site, uid } = await openPair(t);
  await site.kustomization("one", { path: "./one", suspend: true });
  await eventually(
    "it is suspended",
    async () => dig(await site.get("Kustomization", "one"), "spec", "suspend") === true,
  );
  const head = await site.repository.commit({ "two/x.yaml": configMap("x", site.namespace, "of two") });
  await site.applied("two", head);
  await eventually("two takes it", async () => ownerOf(await findConfigMap(site, "x")) === "two");
  await site.kustomization("one", { path: "./one", suspend: false });
  await eventually("one says who has it", async () => (await contested(site, "one")).includes("/two"));
  assert.equal(uidOf(await findConfigMap(site, "x")), uid);
  assert.equal(ownerOf(await findConfigMap(site, "x")), "two");
});

test("one outside of this process that has the object in its inventory keeps it", async (t) => {
  const site = await openSite(t, { allNamespaces: true });
  const { namespace, client } = site;
  const outsider = {
    group: "kustomize.toolkit.fluxcd.io",
    version: "v1",
    kind: "Kustomization",
    namespace,
    name: "outside",
  };
  const spec = { interval: "1h", prune: true, sourceRef: { kind: "GitRepository", name: "fleet" } };
  await client.create({
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: "outside", namespace },
    spec,
  });
  const entries = [{ id: `${namespace}_x__ConfigMap`, v: "v1" }];
  await client.patch(
    outsider,
    { type: "merge", body: { status: { inventory: { entries } } } },
    { fieldManager: "t", subresource: "status" },
  );
  const labels = { "kustomize.toolkit.fluxcd.io/name": "outside", "kustomize.toolkit.fluxcd.io/namespace": namespace };
  await client.create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "x", namespace, labels },
    data: { value: "theirs" },
  });
  await site.source("fleet");
  const head = await site.repository.commit({
    "app/x.yaml": configMap("x", namespace),
    "app/y.yaml": configMap("y", namespace),
  });
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", head);
  assert.match(
    await contested(site, "app"),
    new RegExp(`ConfigMap/${namespace}/x is kept by Kustomization ${namespace}/outside`),
  );
  assert.equal(valueOf(await findConfigMap(site, "x")), "theirs");
  await client.delete(configMapRef(site, "x"));
  await eventually("what is gone is made", async () => ownerOf(await findConfigMap(site, "x")) === "app");
  await eventually("nothing is contested", async () => (await contested(site, "app")) === "");
});

test("a moved object is handed over when both run at once, and whichever waits for the other", async (t) => {
  for (const [one, two] of [
    [{}, {}],
    [{}, { dependsOn: [{ name: "one" }] }],
    [{ dependsOn: [{ name: "two" }] }, {}],
  ] as const) {
    await t.test(JSON.stringify([one, two]), async (inner) => {
      const { site, uid } = await openPair(inner, two as never, one as never);
      const head = await move(site);
      await site.applied("one", head);
      await site.applied("two", head);
      await assertHandedOver(site, uid);
    });
  }
});

test("a moved object waits for one that is suspended, over a restart too, and is taken on resume", async (t) => {
  const { site, uid } = await openPair(t, { suspend: true });
  const head = await move(site);
  await site.applied("one", head);
  assert.equal(uidOf(await findConfigMap(site, "x")), uid);
  await eventually("it is told", async () => {
    const told = conditionOf(await site.get("Kustomization", "one"), "HandingOver");
    return (
      told?.status === "True" &&
      told.message.includes(`ConfigMap/${site.namespace}/x for Kustomization ${site.namespace}/two`)
    );
  });
  assert.equal(conditionOf(await site.get("Kustomization", "one"), "Ready")?.status, "True");
  await site.restart();
  site.events.length = 0;
  await eventually("one ran again", () =>
    site.events.some((event) => event.type === "delivery-ended" && event.key.endsWith("/one")),
  );
  assert.equal(uidOf(await findConfigMap(site, "x")), uid);
  await site.kustomization("two", { path: "./two", suspend: false });
  await assertHandedOver(site, uid);
});

test("a moved object waits for one that fails: at the API server, or in the build", async (t) => {
  const bad = (ns: string): string => deployment("d", ns).replace("replicas: 0", 'replicas: "many"');
  const ways: Record<string, (ns: string) => string> = {
    refused: bad,
    unbuilt: () => "kind: ConfigMap\n  bad: indent\n",
  };
  for (const [name, way] of Object.entries(ways)) {
    await t.test(name, async (inner) => {
      const { site, uid } = await openPair(inner);
      const head = await move(site, { "two/bad.yaml": way(site.namespace) });
      await site.applied("one", head);
      await site.ready("two", ({ status }) => status === "False");
      assert.equal(uidOf(await findConfigMap(site, "x")), uid);
      await site.restart();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.equal(uidOf(await findConfigMap(site, "x")), uid, "nor does a restart delete it");
      await site.repository.commit({ "two/bad.yaml": null });
      await assertHandedOver(site, uid);
    });
  }
});

test("a moved object waits for a source of the same address that is polled later", async (t) => {
  const { site, uid } = await openPair(t);
  await site.source("slow", { interval: "10m" });
  await site.kustomization("two", { path: "./two", sourceRef: { kind: "GitRepository", name: "slow" } });
  await eventually("two runs from it", () => {
    const state = site.operator.engine.deliveries.get(`${site.namespace}/two`);
    return state?.applied?.generation === 2;
  });
  const head = await move(site);
  await site.applied("one", head);
  assert.equal(uidOf(await findConfigMap(site, "x")), uid);
  await site.source("slow", { interval: "9m" });
  await assertHandedOver(site, uid);
});

test("what nobody takes after all is pruned: the other no longer has it, or is gone", async (t) => {
  for (const way of ["no longer has it", "is gone"]) {
    await t.test(way, async (inner) => {
      const { site, uid } = await openPair(inner, { suspend: true });
      await site.applied("one", await move(site));
      assert.equal(uidOf(await findConfigMap(site, "x")), uid);
      if (way === "is gone") {
        await site.client.delete({
          group: "kustomize.toolkit.fluxcd.io",
          version: "v1",
          kind: "Kustomization",
          namespace: site.namespace,
          name: "two",
        });
      } else await site.repository.commit({ "two/x.yaml": null });
      await eventually("it is pruned", async () => (await findConfigMap(site, "x")) === undefined);
      await eventually("and forgotten", async () => {
        return !inventoryOf(await site.get("Kustomization", "one")).some((id) => id.includes("_x_"));
      });
    });
  }
});

test("a Kustomization that is deleted leaves what another one has in its source", async (t) => {
  const { site, uid } = await openPair(t);
  await site.applied("two", await site.repository.commit({ "two/x.yaml": configMap("x", site.namespace, "of two") }));
  await site.client.delete({
    group: "kustomize.toolkit.fluxcd.io",
    version: "v1",
    kind: "Kustomization",
    namespace: site.namespace,
    name: "one",
  });
  await eventually("the rest goes", async () => (await findConfigMap(site, "rest-one")) === undefined);
  await eventually("two takes it", async () => ownerOf(await findConfigMap(site, "x")) === "two");
  assert.equal(uidOf(await findConfigMap(site, "x")), uid);
  await eventually("nothing is contested", async () => (await contested(site, "two")) === "");
});

test("whose account may not read an object is told nothing of its owner, and keeps nothing from being pruned", async (t) => {
  const { site } = await openPair(t);
  const { namespace } = site;
  await site.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "tenant", namespace } });
  await site.applied("one", await site.repository.commit({ "three/x.yaml": configMap("x", namespace, "of three") }));
  await site.kustomization("three", { path: "./three", serviceAccountName: "tenant" });
  const refused = await site.ready("three", ({ reason }) => reason === "ReconciliationFailed");
  assert.doesNotMatch(JSON.stringify(refused.status), /Kustomization [^ ]*\/one/);
  assert.equal(await contested(site, "one"), "");
  await site.applied("one", await site.repository.commit({ "one/x.yaml": null }));
  await eventually("it is pruned", async () => (await findConfigMap(site, "x")) === undefined);
});

test("objects that wander through many Kustomizations, commit upon commit, stay the same objects", async (t) => {
  const site = await openSite(t, { engine: { concurrency: 4 } });
  const [places, rounds] = [6, 4];
  const name = (i: number): string => `x${i}`;
  /** In round `r`, object `i` is in place `i + r`. */
  const layout = (round: number): Record<string, string | null> => {
    const files: Record<string, string | null> = {};
    for (let place = 0; place < places; place++) {
      files[`p${place}/rest.yaml`] = configMap(`rest${place}`, site.namespace);
      for (let i = 0; i < 2 * places; i++) {
        const isHere = (i + round) % places === place;
        files[`p${place}/${name(i)}.yaml`] = isHere ? configMap(name(i), site.namespace, `round ${round}`) : null;
      }
    }
    return files;
  };
  const start = Object.fromEntries(Object.entries(layout(0)).filter(([, text]) => text !== null)) as Record<
    string,
    string
  >;
  const head = await site.repository.commit(start);
  await site.source("fleet");
  for (let place = 0; place < places; place++) {
    const dependsOn = place % 3 === 2 ? [{ name: `p${place - 1}` }] : [];
    await site.kustomization(`p${place}`, { path: `./p${place}`, dependsOn });
  }
  for (let place = 0; place < places; place++) await site.applied(`p${place}`, head);
  const uids = await Promise.all(
    Array.from({ length: 2 * places }, async (_, i) => uidOf(await findConfigMap(site, name(i)))),
  );
  site.requests.length = 0;
  let last = head;
  for (let round = 1; round <= rounds; round++) {
    last = await site.repository.commit(layout(round));
    // Some rounds overtake the one before in mid-apply, one meets a restart.
    await new Promise((resolve) => setTimeout(resolve, round % 2 === 0 ? 1200 : 2500));
    if (round === 3) await site.restart();
  }
  for (let place = 0; place < places; place++) await site.applied(`p${place}`, last);
  for (let i = 0; i < 2 * places; i++) {
    const owner = `p${(i + rounds) % places}`;
    await eventually(`${name(i)} is with ${owner}`, async () => {
      const object = await findConfigMap(site, name(i));
      return ownerOf(object) === owner && valueOf(object) === `round ${rounds}`;
    });
    assert.equal(uidOf(await findConfigMap(site, name(i))), uids[i], `${name(i)} is the same object`);
  }
  assert.equal(deletions(site), 0);
  for (let place = 0; place < places; place++) {
    await eventually(`p${place} has what it has, and nothing to tell`, async () => {
      const object = await site.get("Kustomization", `p${place}`);
      const isSilent = !conditionOf(object, "Contested") && !conditionOf(object, "HandingOver");
      return isSilent && inventoryOf(object).length === 3;
    });
  }
});
