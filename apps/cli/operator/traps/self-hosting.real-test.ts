// Trap 1 of a re-implementation of Flux: the repository brings up Flux's own controllers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString, metadataMap, type ObjectRef } from "@plumbline/core/model";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import { plumb } from "../../commands/testing/plumb.ts";
import { eventually } from "../testing/eventually.ts";
import { configMap, deployment } from "../testing/manifests.ts";
import { openSite, type Site } from "../testing/site.ts";

/** As `gotk-components.yaml` has them: not the image, but name and label. */
function controller(name: string, namespace: string, { replicas = 1, annotations = "{}" } = {}): string {
  const labels = "labels: { app.kubernetes.io/part-of: flux }";
  return deployment(name, namespace, "example/controller:1", replicas).replace(
    "metadata:\n",
    `metadata:\n  ${labels}\n  annotations: ${annotations}\n`,
  );
}

async function warnings({ client, namespace }: Site): Promise<string[]> {
  const { items } = await client.listAll({ group: "", kind: "Event" }, { namespace });
  const found = items.filter((item) => item["reason"] === "RivalController");
  for (const item of found) assert.equal(digString(item, "type"), "Warning");
  return found.map((item) => digString(item, "message") ?? "");
}

test("trap 1: self-hosting loop: Flux's own controllers in Git are applied as it says, and loudly told of", async (t) => {
  const site = await openSite(t);
  const { namespace, client } = site;
  const head = await site.repository.commit({
    "flux/kustomize.yaml": controller("kustomize-controller", namespace),
    "flux/helm.yaml": controller("helm-controller", namespace),
    "flux/namesake.yaml": deployment("source-controller", namespace),
  });
  await site.source("fleet");
  await site.kustomization("flux-system", { path: "./flux" });
  const ready = await site.applied("flux-system", head);
  const ref: ObjectRef = { group: "apps", version: "v1", kind: "Deployment", namespace, name: "kustomize-controller" };
  const applied = await client.get(ref);
  assert.equal(dig(applied, "spec", "replicas"), 1);
  assert.equal(metadataMap(applied, "labels")["kustomize.toolkit.fluxcd.io/name"], "flux-system");
  assert.match(JSON.stringify(ready.status), /kustomize-controller_apps_Deployment/, "it is in the inventory");

  const told = `Deployment/${namespace}/kustomize-controller brings up a controller of Flux that does the same work: it waits for its lease while Plumbline runs, and takes over when Plumbline stops. Take it out of Git, or give it spec.replicas: 0 there`;
  await eventually("it is told", async () => (await warnings(site)).length > 0);
  assert.deepEqual(await warnings(site), [told], "neither of a controller whose work is not ours, nor of a namesake");
  await site.applied("flux-system", await site.repository.commit({ "flux/more.yaml": configMap("more", namespace) }));
  await site.applied("flux-system", await site.repository.commit({ "README.md": "nothing that concerns it" }));
  await site.operator.stop();
  assert.deepEqual(new Set(await warnings(site)), new Set([told]));

  const kubeconfig = (await sharedCluster()).kubeconfigPath;
  const compared = await plumb(["compare", "--kubeconfig", kubeconfig, "-n", namespace, "-o", "json"]);
  const { kustomizations } = JSON.parse(compared.stdout) as { kustomizations: { notes: string[] }[] };
  assert.deepEqual(
    kustomizations.flatMap(({ notes }) => notes),
    [told],
  );
  const text = await plumb(["compare", "--kubeconfig", kubeconfig, "-n", namespace]);
  assert.ok(text.stdout.includes(told), text.stdout);
});

test("trap 1: of a controller that Git keeps at no replicas, or out of our hands, nothing is told", async (t) => {
  const site = await openSite(t);
  const { namespace, client } = site;
  const disabled = "{ kustomize.toolkit.fluxcd.io/reconcile: disabled }";
  const head = await site.repository.commit({
    "flux/source.yaml": controller("source-controller", namespace, { annotations: disabled }),
    "flux/kustomize.yaml": controller("kustomize-controller", namespace, { replicas: 0 }),
  });
  await site.source("fleet");
  await site.kustomization("flux-system", { path: "./flux" });
  await site.applied("flux-system", head);
  await site.operator.stop();
  const { items } = await client.listAll({ group: "apps", kind: "Deployment" }, { namespace });
  assert.deepEqual(
    items.map((item) => [digString(item, "metadata", "name"), dig(item, "spec", "replicas")]),
    [["kustomize-controller", 0]],
  );
  assert.deepEqual(await warnings(site), []);
});
