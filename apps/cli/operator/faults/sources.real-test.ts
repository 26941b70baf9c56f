// What a source has stays, whatever becomes of its Secret and its address; a status that is not taken is told again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { digString, Failure } from "@plumbline/core/model";
import { findConfigMap } from "../testing/config-map.ts";
import { eventually } from "../testing/eventually.ts";
import { configMap } from "../testing/manifests.ts";
import { openSite, type Site } from "../testing/site.ts";

async function healsDrift(site: Site): Promise<void> {
  const ref = { group: "", version: "v1", kind: "ConfigMap", namespace: site.namespace, name: "a" };
  await site.client.patch(ref, { type: "merge", body: { data: { value: "by hand" } } }, { fieldManager: "hand" });
  const value = async (): Promise<string | undefined> =>
    digString((await findConfigMap(site, "a")) ?? {}, "data", "value");
  await eventually("the edit is put right", async () => (await value()) === "1");
}

test("after a restart, a source without its Secret, with another URL or on a wrong branch keeps what it had last", async (t) => {
  const site = await openSite(t);
  const secret = { group: "", version: "v1", kind: "Secret", namespace: site.namespace, name: "git" };
  const stringData = { username: "reader", password: "sesame" };
  const metadata = { name: "git", namespace: site.namespace };
  await site.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData });
  const commit = await site.repository.commit({ "app/a.yaml": configMap("a", site.namespace) }, { message: "a" });
  const secretRef = { name: "git" };
  await site.source("fleet", { secretRef });
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  await site.ready("fleet", ({ status }) => status === "True", "GitRepository");

  await site.client.delete(secret);
  await site.restart();
  await healsDrift(site);
  const missing = await site.ready("fleet", ({ reason }) => reason === "AuthenticationFailed", "GitRepository");
  assert.match(digString(missing, "status", "artifact", "revision") ?? "", new RegExp(`${commit}$`));

  for (const wrong of [{ url: `${site.repository.url}-nowhere` }, { ref: { branch: "nowhere" } }]) {
    await site.source("fleet", wrong);
    await site.ready("fleet", ({ reason }) => reason === "GitOperationFailed", "GitRepository");
    await site.restart();
    await healsDrift(site);
  }

  await site.source("fleet");
  const next = await site.repository.commit({ "app/b.yaml": configMap("b", site.namespace) }, { message: "b" });
  await site.applied("app", next);
});

test("a status that the API server does not take is no failed source, and is written soon", async (t) => {
  let refusals = 3;
  const site = await openSite(t, {
    wrap: (client) => ({
      ...client,
      discovery: client.discovery,
      find: client.find.bind(client),
      create: client.create.bind(client),
      apply: client.apply.bind(client),
      delete: client.delete.bind(client),
      watch: client.watch.bind(client),
      patch: async (ref, patch, options) => {
        const isStatus = ref.kind === "GitRepository" && options.subresource === "status";
        if (!isStatus || refusals === 0) return await client.patch(ref, patch, options);
        refusals--;
        throw new Failure({ reason: "ClusterUnreachable", message: "no leader of etcd" });
      },
    }),
  });
  const commit = await site.repository.commit({ "app/a.yaml": configMap("a", site.namespace) }, { message: "a" });
  await site.source("fleet", { interval: "1h" });
  const source = await site.ready("fleet", ({ status }) => status === "True", "GitRepository");
  assert.equal(refusals, 0);
  assert.match(digString(source, "status", "artifact", "revision") ?? "", new RegExp(`${commit}$`));
  assert.deepEqual(
    site.events.filter(({ type }) => type === "source-failed"),
    [],
  );
});
