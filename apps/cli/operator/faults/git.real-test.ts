// Git servers that are slow, lie, change history or lose branches: what was applied stays, and the newest follows.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test, type TestContext } from "node:test";
import { digString, type JsonObject, type Manifest, type Reason } from "@plumbline/core/model";
import { type BadNetwork, badNetwork } from "@plumbline/testkit/faults";
import type { Fault } from "@plumbline/testkit/git-server";
import { findConfigMap } from "../testing/config-map.ts";
import { eventually } from "../testing/eventually.ts";
import { configMap } from "../testing/manifests.ts";
import { conditionOf, openSite, type Site } from "../testing/site.ts";

function value(object: Manifest | undefined): string | undefined {
  return digString(object ?? {}, "data", "value");
}

/** A site whose Git server is reached over a network that can be made bad; `a` and `b` are applied. */
async function open(t: TestContext, spec: JsonObject = {}): Promise<{ site: Site; network: BadNetwork; url: string }> {
  const site = await openSite(t);
  const { port } = new URL(site.git.url);
  const network = await badNetwork(t, Number(port));
  const url = site.repository.url.replace(`:${port}/`, `:${network.port}/`);
  const commit = await site.repository.commit(
    { "app/a.yaml": configMap("a", site.namespace), "app/b.yaml": configMap("b", site.namespace) },
    { message: "a and b" },
  );
  await site.source("fleet", { url, timeout: "2s", ...spec });
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  return { site, network, url };
}

const nowhere = "1234567890123456789012345678901234567890";

interface Lie {
  fault: Fault;
  reason: Reason;
  says: RegExp;
  /** Of the GitRepository; two seconds unless it says otherwise. */
  timeout?: string;
}

const lies: readonly Lie[] = [
  { fault: { kind: "hang", on: "ls-refs" }, reason: "GitOperationFailed", says: /longer than 2 s|no answer in time/ },
  { fault: { kind: "hang", on: "fetch" }, reason: "GitOperationFailed", says: /longer than 2 s|no answer in time/ },
  { fault: { kind: "lie", commit: nowhere }, reason: "GitOperationFailed", says: /does not have.*wanted commit/ },
  {
    fault: { kind: "truncate", bytes: 5000, on: "fetch" },
    reason: "GitOperationFailed",
    says: /incomplete pack|ended the connection/,
  },
  {
    fault: { kind: "corrupt", at: 5000, on: "fetch" },
    reason: "GitOperationFailed",
    says: /damaged|ended the connection|git failed/,
  },
  {
    fault: { kind: "redirect", location: "http://127.0.0.1:9/elsewhere" },
    reason: "GitOperationFailed",
    says: /cannot be reached: the connection to 127\.0\.0\.1 port 9, where a redirect or a proxy leads, was refused/,
  },
  {
    fault: { kind: "redirect", location: "/login" },
    reason: "AuthenticationFailed",
    says: /web page instead of Git data/,
  },
  {
    fault: { kind: "endless", on: "ls-refs" },
    reason: "LimitExceeded",
    says: /list of references is larger than \d+ bytes/,
    timeout: "60s",
  },
  { fault: { kind: "status", status: 503 }, reason: "GitOperationFailed", says: /problem of its own \(503\)/ },
];

async function failing(site: Site, { reason, says }: Pick<Lie, "reason" | "says">): Promise<void> {
  const object = await site.ready(
    "fleet",
    ({ status, message }) => status === "False" && says.test(message),
    "GitRepository",
  );
  assert.equal(conditionOf(object, "Ready")?.reason, reason);
  const kustomization = await site.get("Kustomization", "app");
  assert.equal(conditionOf(kustomization, "Ready")?.status, "True", "what was applied is still good");
}

test("a Git server that hangs, lies, cuts, damages, redirects or never ends: told by name, nothing lost, the newest follows", async (t) => {
  const { site, url } = await open(t);
  for (const [i, lie] of lies.entries()) {
    await site.source("fleet", { url, timeout: lie.timeout ?? "2s" });
    site.git.fault = lie.fault;
    const commit = await site.repository.commit(
      // A pack of some size, so that damage hits what is in it.
      { "app/a.yaml": configMap("a", site.namespace, `new ${i}`), "noise.bin": randomBytes(20_000) },
      { message: `change ${i}` },
    );
    await failing(site, lie).catch((error: unknown) => {
      throw new Error(`${JSON.stringify(lie.fault)}: ${String(error)}`);
    });
    assert.ok(await findConfigMap(site, "b"), "nothing is pruned");
    site.git.fault = undefined;
    await site.applied("app", commit);
    assert.equal(value(await findConfigMap(site, "a")), `new ${i}`);
  }
});

test("a server whose bytes trickle is given up at the timeout, and drift is repaired meanwhile", async (t) => {
  const { site, network } = await open(t);
  network.drip(1);
  network.cut();
  const commit = await site.repository.commit({ "app/b.yaml": null }, { message: "without b" });
  await failing(site, { reason: "GitOperationFailed", says: /longer than 2 s/ });
  const target = { group: "", version: "v1", kind: "ConfigMap", namespace: site.namespace, name: "a" };
  await site.client.delete(target);
  await eventually("it is made again", async () => (await findConfigMap(site, "a")) !== undefined);
  network.drip(0);
  await site.applied("app", commit);
  assert.equal(await findConfigMap(site, "b"), undefined);
});

test("a force-push is followed: what the new history does not have is pruned", async (t) => {
  const { site } = await open(t);
  const first = await site.repository.head();
  const dropped = await site.repository.commit({ "app/c.yaml": configMap("c", site.namespace) }, { message: "c" });
  await site.applied("app", dropped);
  const other = await site.repository.commit(
    { "app/b.yaml": null, "app/d.yaml": configMap("d", site.namespace) },
    { message: "history anew", parent: first },
  );
  await site.applied("app", other);
  assert.deepEqual(
    await Promise.all(["a", "b", "c", "d"].map(async (name) => (await findConfigMap(site, name)) !== undefined)),
    [true, false, false, true],
  );
});

test("a deleted branch is named and takes nothing away; when it is back, it counts", async (t) => {
  const { site } = await open(t);
  const head = await site.repository.head();
  await site.repository.setRef("refs/heads/other", head);
  await site.repository.deleteRef("refs/heads/main");
  await failing(site, { reason: "GitOperationFailed", says: /main/ });
  assert.ok(await findConfigMap(site, "a"));
  await site.repository.setRef("refs/heads/main", head);
  const next = await site.repository.commit({ "app/b.yaml": null }, { message: "without b" });
  await site.applied("app", next);
  assert.equal(await findConfigMap(site, "b"), undefined);
});

test("another URL counts at once, also while the old one hangs; the same commit with other ignore rules is another one", async (t) => {
  const { site } = await open(t, { timeout: "60s" });
  const mirror = await site.git.create("mirror", {});
  site.git.fault = { kind: "hang" };
  site.git.reset();
  await eventually("a poll hangs", () => site.git.requests.length > 0);
  await site.source("fleet", { url: mirror.url, timeout: "60s" });
  site.git.fault = undefined;
  const commit = await mirror.commit({ "app/a.yaml": configMap("a", site.namespace, "mirror") }, { message: "mirror" });
  await site.applied("app", commit);
  assert.equal(value(await findConfigMap(site, "a")), "mirror");
  assert.equal(await findConfigMap(site, "b"), undefined);
  const both = await mirror.commit({ "app/b.yaml": configMap("b", site.namespace) }, { message: "b again" });
  await site.applied("app", both);
  await site.source("fleet", { url: mirror.url, ignore: "/app/b.yaml" });
  await eventually("b is ignored and pruned", async () => (await findConfigMap(site, "b")) === undefined);
});
