// Maintenance windows on a real API server, with the wall clock in the test's hand: what waits, what goes, what is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString, isObject, type JsonObject, type Manifest } from "@plumbline/core/model";
import { INTENTS } from "./intents-name.ts";
import { findConfigMap } from "./testing/config-map.ts";
import { eventually } from "./testing/eventually.ts";
import { configMap, customKind, deployment } from "./testing/manifests.ts";
import { conditionOf } from "./testing/site.ts";
import { closing, nights, opening, openWindowSite, type WindowSite, windowRef } from "./testing/window-site.ts";

const files = (ns: string, version: string): Record<string, string> => ({
  "app/cm.yaml": configMap("settings", ns, version),
  "app/d.yaml": deployment("web", ns, `example/web:${version}`),
});

/** `app` applied at version 1, then the window. */
async function openApplied(t: Parameters<typeof openWindowSite>[0]): Promise<{ site: WindowSite; commit: string }> {
  const site = await openWindowSite(t);
  const commit = await site.repository.commit(files(site.namespace, "1"), { message: "1" });
  await site.source("fleet", { timeout: "30m" }); // a poll that is on its way must not time out in a step of minutes
  await site.kustomization("app", { path: "./app", wait: true });
  await site.applied("app", commit);
  await site.window("nights", nights);
  return { site, commit };
}

/** The artifact is made beside everything else, and told of later. */
async function stored(site: WindowSite, of: string): Promise<void> {
  const isStored = (object: Manifest): boolean =>
    digString(object, "status", "artifact", "revision")?.endsWith(of) === true;
  await site.ready("fleet", (_ready, object) => isStored(object), "GitRepository");
  await new Promise((resolve) => setTimeout(resolve, 300)); // its event
}

const commit = (site: WindowSite, version: string): Promise<string> =>
  site.repository.commit(files(site.namespace, version), { message: version });

test("settings flow at once, Deployments wait; at the opening the newest revision goes, and only that", async (t) => {
  const { site, commit: first } = await openApplied(t);
  const second = await commit(site, "2");
  const held = await site.held(second);
  assert.equal(await site.value("settings"), "2");
  assert.equal(await site.image("web"), "example/web:1");
  assert.equal(conditionOf(held, "Ready")?.status, "True");
  assert.equal(conditionOf(held, "Ready")?.message, `Applied revision: main@sha1:${first}`);
  assert.equal(digString(held, "status", "lastAppliedRevision"), `main@sha1:${first}`);
  assert.equal(digString(held, "status", "lastAttemptedRevision"), `main@sha1:${second}`);
  assert.equal(
    conditionOf(held, "Held")?.message,
    `1 change of revision main@sha1:${second} is held. Until ${opening}: Deployment/${site.namespace}/web (outside of the maintenance window MaintenanceWindow/${site.namespace}/nights)`,
  );
  const third = await commit(site, "3");
  await site.held(third);
  await eventually("the window tells", async () => {
    const [entry] = (await site.windowStatus("nights")).held as { revision?: string }[];
    return entry?.revision?.endsWith(third) === true;
  });
  const status = await site.windowStatus("nights");
  assert.deepEqual(status.held, [
    {
      delivery: `Kustomization/${site.namespace}/app`,
      object: `Deployment/${site.namespace}/web`,
      group: "apps",
      change: "Revision",
      reason: `outside of the maintenance window MaintenanceWindow/${site.namespace}/nights`,
      revision: `main@sha1:${third}`,
      until: opening,
    },
  ]);
  assert.deepEqual([status.state, status.heldCount, status.nextOpen], ["Closed", 1, opening]);

  await stored(site, third);
  site.clock.step(3000); // the intents of the first run are tidied up
  await eventually(
    "the intents are gone",
    async () => Object.keys((await findConfigMap(site, INTENTS))?.data ?? {}).length === 0,
  );
  site.requests.length = 0;
  for (let minute = 0; minute < 5; minute++) site.clock.step(60_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.deepEqual(
    site.requests.map(({ verb, resource }) => `${verb} ${resource}`),
    [],
    "nothing is asked while it waits",
  );

  const images: (string | undefined)[] = [];
  const watch = site.client.watch({
    resource: { group: "apps", kind: "Deployment" },
    namespace: site.namespace,
    on: (event) => {
      const containers = "object" in event ? dig(event.object, "spec", "template", "spec", "containers") : undefined;
      if (Array.isArray(containers)) images.push(digString(containers[0], "image"));
    },
  });
  t.after(() => watch.stop());
  await watch.synced;
  site.clock.stepTo(opening);
  const applied = await site.applied("app", third);
  assert.equal(await site.image("web"), "example/web:3");
  assert.deepEqual([...new Set(images)], ["example/web:1", "example/web:3"], "the second revision is not replayed");
  assert.equal(conditionOf(applied, "Held"), undefined);
  await eventually("the window is open and holds nothing", async () => {
    const { state, heldCount, nextClose } = await site.windowStatus("nights");
    return state === "Open" && heldCount === 0 && nextClose === closing;
  });
  const steps = site.events.flatMap((event) => (event.type === "window" ? [event.step] : []));
  assert.deepEqual(steps, ["seen", "opened"]);
  const released = site.events.flatMap((event) => (event.type === "held" ? event.released : []));
  assert.deepEqual(
    released.map(({ ref }) => ref.name),
    ["web"],
  );
});

test("a new Namespace and a new definition take what needs them along; order is kept at the opening", async (t) => {
  const site = await openWindowSite(t);
  const group = `${site.namespace}.example.com`;
  const other = `${site.namespace}-line`;
  await site.window("nights", {
    ...nights,
    selects: { resources: [{ kind: "Namespace" }, { kind: "CustomResourceDefinition" }] },
  });
  const made = await site.repository.commit(
    {
      "app/ns.yaml": `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${other} }\n`,
      "app/crd.yaml": customKind(group, "Robot"),
      "app/robot.yaml": `apiVersion: ${group}/v1\nkind: Robot\nmetadata: { name: r1, namespace: ${site.namespace} }\n`,
      "app/inside.yaml": configMap("inside", other),
      "app/settings.yaml": configMap("settings", site.namespace),
    },
    { message: "new" },
  );
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", wait: true });
  const held = await site.held(made);
  assert.equal(await site.value("settings"), "1");
  assert.equal(conditionOf(held, "Ready")?.status, "Unknown", "nothing was applied in full yet");
  const message = conditionOf(held, "Held")?.message ?? "";
  for (const part of [
    "4 changes of revision",
    `CustomResourceDefinition/robots.${group}, Namespace/${other} (outside of`,
    `ConfigMap/${other}/inside (needs Namespace/${other}, which is held: outside of`,
    `Robot/${site.namespace}/r1 (needs CustomResourceDefinition/robots.${group}, which is held: outside of`,
  ]) {
    assert.ok(message.includes(part), `${part} in ${message}`);
  }
  assert.deepEqual(dig(held, "status", "inventory", "entries"), [
    { id: `${site.namespace}_settings__ConfigMap`, v: "v1" },
  ]);
  site.clock.stepTo(opening);
  const applied = await site.applied("app", made);
  const entries = dig(applied, "status", "inventory", "entries");
  assert.equal(Array.isArray(entries) && entries.length, 5);
  await site.client.delete({ group: "", version: "v1", kind: "Namespace", namespace: "", name: other });
});

test("deletions and drift of what is selected wait; the inventory keeps what must still be deleted", async (t) => {
  const { site, commit: first } = await openApplied(t);
  const web = { group: "apps", version: "v1", kind: "Deployment", namespace: site.namespace, name: "web" };
  await site.client.patch(web, { type: "merge", body: { spec: { replicas: 3 } } }, { fieldManager: "somebody" });
  const drifted = await site.held(first);
  assert.equal(digString(drifted, "status", "lastAppliedRevision"), `main@sha1:${first}`, "the revision was applied");
  assert.equal(dig(await site.client.get(web), "spec", "replicas"), 3);
  await eventually("the window tells of drift", async () => {
    const [entry] = (await site.windowStatus("nights")).held as { change?: string }[];
    return entry?.change === "Drift";
  });
  site.clock.stepTo(opening);
  await eventually("the drift is put right", async () => dig(await site.client.get(web), "spec", "replicas") === 0);
  await eventually("nothing is held", async () => !conditionOf(await site.get("Kustomization", "app"), "Held"));
  site.clock.stepTo(closing);
  const gone = await site.repository.commit({ "app/d.yaml": null }, { message: "no web" });
  const held = await site.held(gone);
  assert.ok(await site.client.find(web));
  assert.match(JSON.stringify(dig(held, "status", "inventory")), /_web_apps_Deployment/);
  await site.restart();
  site.clock.stepTo("2026-01-16T22:00:00Z");
  const applied = await site.applied("app", gone);
  assert.equal(await site.client.find(web), undefined);
  assert.doesNotMatch(JSON.stringify(dig(applied, "status", "inventory")), /_web_apps_Deployment/);
});

test("drift of what waits with a new revision goes back to what was written, where drift need not wait", async (t) => {
  const { site } = await openApplied(t);
  await site.window("nights", {
    ...nights,
    selects: { ...(nights.selects as object), changes: ["Revision", "Prune"] },
  });
  await site.held(await commit(site, "2"));
  const web = { group: "apps", version: "v1", kind: "Deployment", namespace: site.namespace, name: "web" };
  await site.client.patch(web, { type: "merge", body: { spec: { replicas: 3 } } }, { fieldManager: "somebody" });
  await eventually("the drift is put right", async () => dig(await site.client.get(web), "spec", "replicas") === 0);
  assert.equal(await site.image("web"), "example/web:1");
});

test("a window with a mistake is Stalled, says so loudly, and holds what it selects until it is corrected", async (t) => {
  const { site } = await openApplied(t);
  const bad = await site.window("nights", { ...nights, schedules: [{ open: "0 25 * * *", duration: "8h" }] });
  const stalled = conditionOf(bad, "Stalled");
  assert.equal(stalled?.status, "True");
  assert.match(stalled?.message ?? "", /spec\.schedules\[0\]\.open: bad cron expression "0 25 \* \* \*"/);
  const refused = site.events.flatMap((event) =>
    event.type === "window" && event.failure ? [event.failure.message] : [],
  );
  assert.equal(refused.length, 1);
  await eventually("an event on the window", async () => {
    const { items } = await site.client.listAll({ group: "", kind: "Event" }, { namespace: site.namespace });
    return items.some(
      (item) =>
        dig(item, "involvedObject", "kind") === "MaintenanceWindow" &&
        item.type === "Warning" &&
        (digString(item, "message") ?? "").includes("0 25 * * *"),
    );
  });
  const second = await commit(site, "2");
  const held = await site.held(second);
  assert.match(
    conditionOf(held, "Held")?.message ?? "",
    /Without an end: .*held by an invalid window: .*0 25 \* \* \*/,
  );
  site.clock.stepTo(opening);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await site.image("web"), "example/web:1");
  await site.window("nights", nights);
  await site.applied("app", second);
  assert.equal(conditionOf(await site.client.get(windowRef(site, "nights")), "Stalled"), undefined);
});

test("an override lets its delivery go until it ends; one that cannot be read overrides nothing", async (t) => {
  const { site } = await openApplied(t);
  const override = (text: string | undefined): Promise<void> =>
    site.kustomization(
      "app",
      { path: "./app", wait: true },
      text === undefined ? {} : { annotations: { "plumbline.io/override": text } },
    );
  const second = await commit(site, "2");
  await site.held(second);
  await override("who=anna; until=tomorrow");
  const refused = await site.ready("app", (_ready, object) => conditionOf(object, "Override") !== undefined);
  assert.equal(conditionOf(refused, "Override")?.status, "False");
  assert.match(conditionOf(refused, "Override")?.message ?? "", /does not say reason.*who=<name>; reason=<why>/);
  assert.equal(await site.image("web"), "example/web:1");
  await override("who=anna; reason=line 3 is down; until=2026-01-15T14:00:00Z");
  const applied = await site.applied("app", second);
  assert.equal(await site.image("web"), "example/web:2");
  assert.equal(
    conditionOf(applied, "Override")?.message,
    "Maintenance windows are overridden by anna until 2026-01-15T14:00:00Z: line 3 is down",
  );
  await eventually("events of both", async () => {
    const { items } = await site.client.listAll({ group: "", kind: "Event" }, { namespace: site.namespace });
    const told = items.filter(({ reason }) => reason === "Override");
    return (
      told.some(({ type, message }) => type === "Normal" && JSON.stringify(message).includes("by anna")) &&
      told.some(({ type }) => type === "Warning")
    );
  });
  site.clock.stepTo("2026-01-15T14:00:00Z");
  await site.ready("app", (_ready, object) => conditionOf(object, "Override") === undefined);
  const third = await commit(site, "3");
  await site.held(third);
  assert.equal(await site.image("web"), "example/web:2");
});

test("a dependent waits with what is held: neither failed nor done", async (t) => {
  const { site } = await openApplied(t);
  await site.repository.commit({ "next/cm.yaml": configMap("next", site.namespace) }, { message: "next" });
  await site.kustomization("next", { path: "./next", dependsOn: [{ name: "app" }] });
  await eventually("the dependent is applied", async () => (await site.value("next")) === "1");
  const second = await site.repository.commit(
    { ...files(site.namespace, "2"), "next/cm.yaml": configMap("next", site.namespace, "2") },
    { message: "2" },
  );
  await site.held(second);
  const behind = await site.held(second, "next");
  assert.equal(conditionOf(behind, "Ready")?.status, "True");
  assert.match(
    conditionOf(behind, "Held")?.message ?? "",
    /Until .*its dependency Kustomization\/.*\/app is held: outside/,
  );
  assert.equal(await site.value("next"), "1");
  site.clock.stepTo(opening);
  await site.applied("app", second);
  await site.applied("next", second);
  assert.equal(await site.value("next"), "2");
});

test("deleting a Kustomization waits with its objects, and goes at the opening", async (t) => {
  const { site } = await openApplied(t);
  const ref = {
    group: "kustomize.toolkit.fluxcd.io",
    version: "v1",
    kind: "Kustomization",
    namespace: site.namespace,
    name: "app",
  };
  await site.client.delete(ref);
  await eventually("what may go is gone", async () => (await site.value("settings")) === undefined);
  const waiting = await site.ready("app", (_ready, object) => conditionOf(object, "Held") !== undefined);
  assert.match(conditionOf(waiting, "Held")?.message ?? "", /1 change is held\. Until .*Deployment/);
  assert.equal(await site.image("web"), "example/web:1");
  site.clock.stepTo(opening);
  await eventually("everything is gone", async () => !(await site.client.find(ref)) && !(await site.image("web")));
});

test("a closing lets a run finish, or stops it before its next stage, as the windows say", async (t) => {
  for (const atClose of ["Finish", "Pause"] as const) {
    await t.test(atClose, async (sub) => {
      let isArmed = false;
      const site = await openWindowSite(sub, {
        onRequest: ({ verb, resource, dryRun }) => {
          // The first stage is written: the window closes before the next one begins.
          if (isArmed && verb === "apply" && resource === "serviceaccounts" && !dryRun) site.clock.stepTo(closing);
        },
        engine: { customStageKinds: ["/ServiceAccount"] },
      });
      await site.window("nights", { ...nights, atClose });
      const account = (version: string): string =>
        `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a, namespace: ${site.namespace}, labels: { version: "${version}" } }\n`;
      const made = (version: string): Promise<string> =>
        site.repository.commit(
          { ...files(site.namespace, version), "app/sa.yaml": account(version) },
          { message: version },
        );
      site.clock.stepTo(opening);
      const first = await made("1");
      await site.source("fleet");
      await site.kustomization("app", { path: "./app" });
      await site.applied("app", first);
      isArmed = true;
      const second = await made("2");
      if (atClose === "Finish") {
        await site.applied("app", second);
        assert.equal(await site.image("web"), "example/web:2");
        return;
      }
      const held = await site.held(second);
      assert.equal(await site.image("web"), "example/web:1");
      assert.equal(await site.value("settings"), "2", "what no window selects goes on");
      assert.equal(digString(held, "status", "lastAppliedRevision"), `main@sha1:${first}`);
      site.clock.stepTo("2026-01-16T22:00:00Z");
      await site.applied("app", second);
      assert.equal(await site.image("web"), "example/web:2");
    });
  }
});

test("the status of a window is written once per turn and once per change of what it holds", async (t) => {
  const { site } = await openApplied(t);
  const writes = (): number =>
    site.requests.filter(({ resource, verb }) => resource === "maintenancewindows/status" && verb !== "get").length;
  const before = writes();
  await site.held(await commit(site, "2"));
  await eventually("the held change is told", async () => (await site.windowStatus("nights")).heldCount === 1);
  assert.equal(writes() - before, 1);
  site.clock.stepTo("2026-01-15T21:59:00Z");
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(writes() - before, 1);
  site.clock.stepTo(opening);
  await eventually("it is open and holds nothing", async () => {
    const { state, heldCount } = await site.windowStatus("nights");
    return state === "Open" && heldCount === 0;
  });
  assert.ok(writes() - before <= 3, `${writes() - before} writes`);
  assert.ok(isObject(await site.windowStatus("nights")));
});

test("a restart while something is held writes nothing, and goes on holding", async (t) => {
  const { site } = await openApplied(t);
  const second = await commit(site, "2");
  await site.held(second);
  await stored(site, second);
  await eventually("the window tells", async () => (await site.windowStatus("nights")).heldCount === 1);
  const before = [await site.get("Kustomization", "app"), await site.client.get(windowRef(site, "nights"))];
  site.requests.length = 0;
  site.events.length = 0;
  await site.restart();
  await eventually("it holds again", () =>
    site.events.some((event) => event.type === "held" && event.held.length === 1),
  );
  site.clock.step(6000); // as long as the status of a window waits after a start
  await new Promise((resolve) => setTimeout(resolve, 500));
  // The new process serves artifacts at another port, which the source tells.
  const others = ["leases", "events", "gitrepositories/status"];
  const writes = site.requests.filter(
    ({ verb, resource }) => !["get", "list", "watch"].includes(verb) && !others.includes(resource),
  );
  assert.deepEqual(
    writes.map(({ verb, resource }) => `${verb} ${resource}`),
    [],
  );
  const after = [await site.get("Kustomization", "app"), await site.client.get(windowRef(site, "nights"))];
  assert.deepEqual(after.map(versionOf), before.map(versionOf));
  site.clock.stepTo(opening);
  await site.applied("app", second);
});

function versionOf(object: Manifest): string | undefined {
  return digString(object, "metadata", "resourceVersion");
}

test("nothing that a held Deployment may still mount is deleted before it goes", async (t) => {
  const site = await openWindowSite(t);
  const { namespace: ns } = site;
  const first = await site.repository.commit(
    { "app/s1.yaml": configMap("settings-1", ns), "app/d.yaml": deployment("web", ns, "example/web:1") },
    { message: "1" },
  );
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", first);
  await site.window("nights", { ...nights, selects: { ...(nights.selects as JsonObject), changes: ["Revision"] } });
  const second = await site.repository.commit(
    {
      "app/s1.yaml": null,
      "app/s2.yaml": configMap("settings-2", ns),
      "app/d.yaml": deployment("web", ns, "example/web:2"),
    },
    { message: "2" },
  );
  const held = await site.held(second);
  assert.match(
    conditionOf(held, "Held")?.message ?? "",
    /^2 changes .*ConfigMap\/\S+\/settings-1 \(may be needed until Deployment\/\S+\/web changes, which is held: outside/,
  );
  assert.deepEqual([await site.value("settings-1"), await site.value("settings-2")], ["1", "1"]);
  assert.match(JSON.stringify(dig(held, "status", "inventory")), /settings-1_/);
  site.clock.stepTo(opening);
  const done = await site.applied("app", second);
  assert.deepEqual([await site.image("web"), await site.value("settings-1")], ["example/web:2", undefined]);
  assert.doesNotMatch(JSON.stringify(dig(done, "status", "inventory")), /settings-1_/);
});
