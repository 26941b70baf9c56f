// What `plumb run` tells about Secrets that builds, applies, repairs and fetches fail over: nothing of their values.

import assert from "node:assert/strict";
import { test } from "node:test";
import { digString, type JsonObject } from "@plumbline/core/model";
import { openRunSite } from "../commands/testing/run-on-site.ts";
import { eventually } from "./testing/eventually.ts";
import { configMap, deployment } from "./testing/manifests.ts";
import { conditionOf, FLUX_KINDS, type Site } from "./testing/site.ts";
import { openTenant, type Tenant, verdict } from "./testing/tenant.ts";

const VALUES = {
  token: "hunter2-very-private",
  victim: "of-another-tenant-very-private",
  byHand: "typed-by-hand-very-private",
  password: "git-password-very-private",
};
const USER = "reader";
const FORBIDDEN = [
  ...Object.values(VALUES).flatMap((value) => [value, btoa(value)]),
  btoa(`${USER}:${VALUES.password}`),
];

/** How much of a text is shown around what should not be there. */
const EXCERPT = 200;

function assertSecret(text: string, where: string): void {
  for (const one of FORBIDDEN) {
    const at = text.indexOf(one);
    assert.equal(at, -1, `${where}: ${one} in ${text.slice(Math.max(0, at - EXCERPT), at + EXCERPT)}`);
  }
}

const secret = (name: string, namespace: string, stringData: JsonObject): Parameters<Site["apply"]>[0] => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace },
  stringData,
});

/** Every object of ours and every Event of the tenant's namespace, as the API server has them. */
async function told({ client }: Site, { namespace }: Tenant): Promise<string> {
  const kinds = [...Object.values(FLUX_KINDS), { group: "", version: "v1", kind: "Event" }];
  const lists = await Promise.all(kinds.map((kind) => client.listAll(kind, { namespace })));
  for (const [i, { items }] of lists.entries()) assert.ok(items.length > 0, String(kinds[i]?.kind));
  return JSON.stringify(lists.map(({ items }) => items));
}

test("values of Secrets stand in no condition, event, log line or metric of what they break", async (t) => {
  const { site, start } = await openRunSite(t);
  const [mallory, victim] = [await openTenant(t, site), await openTenant(t, site, "own namespace")];
  const own = mallory.namespace;
  const withKey = (name: string): string =>
    `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\n  namespace: ${own}\n`;
  await site.repository.commit({
    "yaml/cm.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: ${own}\ndata:\n  key: "\${token}\n`,
    "field/d.yaml": deployment("d", own).replace("replicas: 0", "replicas: ${token}"),
    "name/cm.yaml": configMap("${token}!", own),
    "secret/s.yaml": `${withKey("s")}data:\n  key: "\${token}"\n`,
    "traversal/cm.yaml": configMap("loot", own, "${token}"),
    "good/s.yaml": `${withKey("good")}stringData:\n  key: "\${token}"\n`,
  });
  await site.apply(secret("vars", own, { token: VALUES.token }));
  await site.apply(secret("vars", victim.namespace, { token: VALUES.victim }));
  await site.apply(secret("git", own, { username: USER, password: VALUES.password }));
  await site.source("fleet");
  const running = start("--log-level", "debug");
  const substituted = (name: string, from = "vars"): Promise<void> =>
    mallory.kustomization(name, {
      path: `./${name}`,
      postBuild: { substituteFrom: [{ kind: "Secret", name: from }] },
    });

  for (const path of ["yaml", "field", "name", "secret"]) await substituted(path);
  await substituted("traversal", `../../${victim.namespace}/secrets/vars`);
  for (const path of ["yaml", "field", "name", "secret", "traversal"]) {
    assert.equal((await verdict(site, mallory, path)).status, "False", path);
    await eventually(`the log tells that ${path} failed`, () =>
      running.log().some(({ msg, name }) => name === path && String(msg).startsWith("Reconciliation failed")),
    );
  }
  assert.equal(await mallory.configMap("loot"), undefined);

  await substituted("good");
  assert.equal((await verdict(site, mallory, "good")).status, "True");
  const ref = { group: "", version: "v1", kind: "Secret", namespace: own, name: "good" };
  const body = { stringData: { key: VALUES.byHand } };
  await site.client.patch(ref, { type: "merge", body }, { fieldManager: "kubectl-edit" });
  await eventually("the Secret is repaired", async () => {
    return digString(await site.client.get(ref), "data", "key") === btoa(VALUES.token);
  });
  await running.logged("drift corrected");

  site.git.credentials = { username: USER, password: "another" };
  await site.source("private", { secretRef: { name: "git" } });
  await eventually("the wrong password is refused", async () => {
    return conditionOf(await site.get("GitRepository", "private"), "Ready")?.reason === "AuthenticationFailed";
  });
  await running.logged("fetch failed");

  assertSecret(await told(site, mallory), "objects and events");
  const { metrics } = await running.logged("starting");
  const exposed = await (await fetch(`${String(metrics)}/metrics`)).text();
  assert.match(exposed, /^controller_runtime_reconcile_errors_total\{controller="kustomization"\} [1-9]/m);
  assertSecret(exposed, "metrics");
  running.child.kill("SIGTERM");
  assert.equal(await running.ended, 0);
  assertSecret(running.stdout() + running.stderr(), "log");
});
