// Items of keyed lists whose key somebody else changed: the API server would refuse to have both.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, isObject, type Manifest, type ObjectRef } from "@plumbline/core/model";
import { eventually } from "./testing/eventually.ts";
import { openSite, type Site } from "./testing/site.ts";

const PORTS = {
  "one without a name": "  - port: 80\n",
  "two with names": "  - { name: http, port: 80 }\n  - { name: metrics, port: 9090 }\n",
};

function service(namespace: string, ports: string, more = ""): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: s\n  namespace: ${namespace}\nspec:\n  selector: { app: s${more} }\n  ports:\n${ports}`;
}

const refOf = (site: Site): ObjectRef => ({
  group: "",
  version: "v1",
  kind: "Service",
  namespace: site.namespace,
  name: "s",
});

function portsOf(object: Manifest | undefined): unknown[] {
  const ports = object && dig(object, "spec", "ports");
  return Array.isArray(ports) ? ports.map((port) => isObject(port) && port["port"]) : [];
}

/** As an editor does it: the first port gets another number, the rest stays. */
async function renumber(site: Site): Promise<void> {
  const live = await site.client.get(refOf(site));
  const ports = dig(live, "spec", "ports");
  assert.ok(Array.isArray(ports));
  const body = { spec: { ports: ports.map((port, i) => (i === 0 && isObject(port) ? { ...port, port: 81 } : port)) } };
  await site.client.patch(refOf(site), { type: "merge", body }, { fieldManager: "some-dashboard" });
}

for (const [name, ports] of Object.entries(PORTS)) {
  const numbers = name.startsWith("one") ? [80] : [80, 9090];

  test(`a port number that somebody changed is put right at once: ${name}`, async (t) => {
    const site = await openSite(t);
    const head = await site.repository.commit({ "app/s.yaml": service(site.namespace, ports) });
    await site.source("fleet");
    await site.kustomization("app", { path: "./app" });
    await site.applied("app", head);
    await renumber(site);
    await eventually("it is put right", async () => {
      return JSON.stringify(portsOf(await site.client.get(refOf(site)))) === JSON.stringify(numbers);
    });
    const told = site.events.find((event) => event.type === "repaired");
    assert.deepEqual(told?.repair.managers, ["some-dashboard"]);
    assert.equal(site.events.filter(({ type }) => type === "repair-failed").length, 0);
  });

  test(`a port number that somebody changed meanwhile does not stop the next revision: ${name}`, async (t) => {
    const site = await openSite(t);
    const head = await site.repository.commit({ "app/s.yaml": service(site.namespace, ports) });
    await site.source("fleet");
    await site.kustomization("app", { path: "./app" });
    await site.applied("app", head);
    await site.operator.stop();
    await renumber(site);
    const next = await site.repository.commit({ "app/s.yaml": service(site.namespace, ports, ", tier: a") });
    await site.restart();
    await site.applied("app", next);
    const live = await site.client.get(refOf(site));
    assert.deepEqual(portsOf(live), numbers);
    assert.deepEqual(dig(live, "spec", "selector"), { app: "s", tier: "a" });
  });
}
