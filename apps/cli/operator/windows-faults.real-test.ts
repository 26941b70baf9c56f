// What can go wrong around windows: clocks that are set, windows that change, an API server that is away, missing rights.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crdOf } from "@plumbline/core/crd";
import { digString, type JsonObject } from "@plumbline/core/model";
import { clusterMaintenanceWindowDefinition, maintenanceWindowDefinition } from "@plumbline/dialects/plumbline";
import { type ControlPlane, serviceAccountToken, startControlPlane } from "@plumbline/testkit/control-plane";
import { eventually } from "./testing/eventually.ts";
import { configMap, deployment } from "./testing/manifests.ts";
import { conditionOf, siteLabel } from "./testing/site.ts";
import { closing, nights, noon, opening, openWindowSite, type WindowSite } from "./testing/window-site.ts";

type Hooks = Parameters<typeof openWindowSite>[0];

const commit = (site: WindowSite, version: string): Promise<string> =>
  site.repository.commit(
    {
      "app/cm.yaml": configMap("settings", site.namespace, version),
      "app/d.yaml": deployment("web", site.namespace, `example/web:${version}`),
      "app/sa.yaml": `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a, namespace: ${site.namespace}, labels: { version: "${version}" } }\n`,
    },
    { message: version },
  );

async function openApplied(t: Hooks, options: Parameters<typeof openWindowSite>[1] = {}): Promise<WindowSite> {
  const site = await openWindowSite(t, options);
  const first = await commit(site, "1");
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", first);
  await site.window("nights", nights);
  return site;
}

/** For what must not happen: as long as anything takes here. */
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 500));

test("a wall clock that is set is noticed within a minute, without a request, either way", async (t) => {
  const site = await openApplied(t);
  const second = await commit(site, "2");
  await site.held(second);
  site.clock.jump(Date.parse("2026-01-15T23:00:00Z") - site.clock.now());
  await aWhile();
  assert.equal(await site.image("web"), "example/web:1", "timers run on monotonic time");
  site.clock.step(60_000);
  await site.applied("app", second);
  site.clock.jump(Date.parse(noon) - site.clock.now());
  site.clock.step(60_000);
  await eventually("closed again", async () => (await site.windowStatus("nights")).state === "Closed");
  const third = await commit(site, "3");
  await site.held(third);
  assert.equal(await site.image("web"), "example/web:2");
  site.clock.stepTo(opening);
  await site.applied("app", third);
});

test("a window that is edited while it holds gives the new time, one that opens or goes lets go", async (t) => {
  const site = await openApplied(t);
  const second = await commit(site, "2");
  await site.held(second);
  await site.window("nights", { ...nights, schedules: [{ open: "0 18 * * *", duration: "2h" }] });
  await site.ready("app", (_ready, object) =>
    (conditionOf(object, "Held")?.message ?? "").includes("Until 2026-01-15T18:00:00Z"),
  );
  await site.window("nights", {
    ...nights,
    freezes: [{ from: "2026-01-10", to: "2026-01-20", reason: "inventory" }],
  });
  await site.ready("app", (_ready, object) => (conditionOf(object, "Held")?.message ?? "").includes(": inventory"));
  assert.equal(await site.image("web"), "example/web:1");
  await site.window("nights", { ...nights, schedules: [{ open: "0 10 * * *", duration: "4h" }] });
  await site.applied("app", second);
  await site.window("nights", nights);
  const third = await commit(site, "3");
  await site.held(third);
  await site.deleteWindow("nights");
  const applied = await site.applied("app", third);
  assert.equal(await site.image("web"), "example/web:3");
  assert.equal(conditionOf(applied, "Held"), undefined);
});

test("an override that ends in mid-apply lets nothing more go", async (t) => {
  let isArmed = false;
  const site: WindowSite = await openApplied(t, {
    engine: { customStageKinds: ["/ServiceAccount"] },
    onRequest: ({ verb, resource, dryRun }) => {
      if (isArmed && verb === "apply" && resource === "serviceaccounts" && !dryRun) {
        site.clock.stepTo("2026-01-15T14:00:00Z");
      }
    },
  });
  const annotations = { "plumbline.io/override": "who=anna; reason=line 3 is down; until=2026-01-15T14:00:00Z" };
  await site.window("nights", {
    ...nights,
    selects: { resources: [{ kind: "Deployment" }, { kind: "ServiceAccount" }] },
  });
  const second = await commit(site, "2");
  await site.held(second);
  isArmed = true;
  await site.kustomization("app", { path: "./app" }, { annotations });
  await site.ready("app", (_ready, object) =>
    (conditionOf(object, "Held")?.message ?? "").startsWith("1 change of revision"),
  );
  const account = { group: "", version: "v1", kind: "ServiceAccount", namespace: site.namespace, name: "a" };
  assert.equal(digString(await site.client.get(account), "metadata", "labels", "version"), "2", "the first stage went");
  await aWhile();
  assert.equal(await site.image("web"), "example/web:1", "the second one did not");
  site.clock.stepTo(opening);
  await site.applied("app", second);
});

test("a site with an API server of its own", async (t) => {
  const plane = await startControlPlane();
  t.after(() => plane.stop());
  await t.test("without the definitions nothing is held; windows count as soon as there are any", (sub) =>
    appear(sub, plane),
  );
  await t.test("an API server that is away at the opening loses nothing", (sub) => away(sub, plane));
  await t.test("windows that cannot be read hold everything", (sub) => unreadable(sub, plane));
  await t.test("a window of the whole cluster holds in every namespace it selects", (sub) => clusterWide(sub, plane));
});

async function appear(t: Hooks, plane: ControlPlane): Promise<void> {
  const site = await openWindowSite(t, { cluster: plane });
  for (const definition of [maintenanceWindowDefinition, clusterMaintenanceWindowDefinition]) {
    const name = `${definition.plural}.${definition.group}`;
    const ref = { group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition", namespace: "", name };
    await site.client.delete(ref);
    await eventually(`${name} is gone`, async () => !(await site.client.find(ref)));
  }
  site.requests.length = 0;
  await site.restart();
  const first = await commit(site, "1");
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", first);
  const asked = site.requests.filter(({ resource }) => resource.includes("maintenancewindows"));
  assert.deepEqual(asked, [], "nobody asks for what is not there");
  for (const definition of [maintenanceWindowDefinition, clusterMaintenanceWindowDefinition]) {
    await site.apply(crdOf(definition));
  }
  await eventually("the kind is served", async () => {
    await site.client.discovery.refresh();
    return (await site.client.discovery.find({ group: "plumbline.io", kind: "MaintenanceWindow" })) !== undefined;
  });
  await site.window("nights", nights);
  await site.held(await commit(site, "2"));
  assert.equal(await site.image("web"), "example/web:1");
}

async function away(t: Hooks, plane: ControlPlane): Promise<void> {
  const site = await openApplied(t, { cluster: plane });
  const second = await commit(site, "2");
  await site.held(second);
  await plane.stopApiServer();
  site.clock.stepTo(opening);
  await aWhile();
  await plane.startApiServer();
  await site.applied("app", second);
  assert.equal(await site.image("web"), "example/web:2");
  site.clock.stepTo(closing);
  const third = await commit(site, "3");
  await site.held(third);
  await plane.stopApiServer();
  site.clock.stepTo("2026-01-16T22:00:00Z");
  await aWhile();
  site.clock.stepTo("2026-01-17T06:00:00Z");
  await plane.startApiServer();
  await site.ready("app", (_ready, object) =>
    (conditionOf(object, "Held")?.message ?? "").includes("Until 2026-01-17T22:00:00Z"),
  );
  assert.equal(await site.image("web"), "example/web:2", "it opened and closed again meanwhile");
  site.clock.stepTo("2026-01-17T22:00:00Z");
  await site.applied("app", third);
}

async function unreadable(t: Hooks, plane: ControlPlane): Promise<void> {
  const site = await openApplied(t, { cluster: plane });
  const { namespace } = site;
  const verbs = ["*"];
  const groups = ["", "apps", "apiextensions.k8s.io", "source.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io"];
  const role = async (name: string, apiGroups: string[]): Promise<void> => {
    const rbac = "rbac.authorization.k8s.io";
    const rules: JsonObject[] = [{ apiGroups, resources: ["*"], verbs }];
    await site.apply({ apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name }, rules });
    await site.apply({
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", namespace, name: "operator" }],
    });
  };
  const token = await serviceAccountToken(plane, namespace, "operator");
  await role(`${namespace}-most`, groups);
  await site.restart({ token });
  const second = await commit(site, "2");
  const told = await site.ready("app", ({ message }) => message.includes("maintenance windows"));
  const ready = conditionOf(told, "Ready");
  assert.equal(ready?.status, "False");
  assert.match(ready?.message ?? "", /nothing is written before the maintenance windows are read.*maintenancewindows/);
  assert.equal(await site.value("settings"), "1", "not even what no window selects: nobody knows that");
  await role(`${namespace}-windows`, ["plumbline.io"]);
  await site.held(second);
  assert.equal(await site.value("settings"), "2");
  assert.equal(await site.image("web"), "example/web:1");
  site.clock.stepTo(opening);
  await site.applied("app", second);
}

async function clusterWide(t: Hooks, plane: ControlPlane): Promise<void> {
  const site = await openWindowSite(t, { cluster: plane, allNamespaces: true });
  const name = `${site.namespace}-plant`;
  const ref = { group: "plumbline.io", version: "v1alpha1", kind: "ClusterMaintenanceWindow", namespace: "", name };
  await site.apply({
    apiVersion: "plumbline.io/v1alpha1",
    kind: "ClusterMaintenanceWindow",
    metadata: { name },
    spec: { ...nights, selects: { deliveries: [{ labels: { [siteLabel]: site.namespace } }], changes: ["Revision"] } },
  });
  const first = await commit(site, "1");
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.held(first);
  await eventually("the window tells", async () => {
    const { status } = await site.client.get(ref);
    return (status as { heldCount?: number } | undefined)?.heldCount === 3;
  });
  site.clock.stepTo(opening);
  await site.applied("app", first);
  await site.client.delete(ref);
}
