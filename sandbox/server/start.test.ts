// A sandbox from outside: over HTTP/1.1 and HTTP/2, as clients see it.

import assert from "node:assert/strict";
import { connect } from "node:http2";
import { after, before, test } from "node:test";
import { dig, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { FakeClock } from "../testing/fake-clock.ts";
import { type RunningSandbox, startSandbox } from "./start.ts";

const clock = new FakeClock(Date.parse("2026-01-01T00:00:00Z"));
let sandbox: RunningSandbox;
before(async () => {
  sandbox = await startSandbox({ clock });
});
after(() => sandbox.stop());

interface Reply {
  readonly status: number;
  readonly body: JsonObject;
}

async function ask(method: string, path: string, body?: JsonValue, contentType = "application/json"): Promise<Reply> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(sandbox.url + path, { method, headers: { "content-type": contentType }, ...init });
  return { status: response.status, body: (await response.json()) as JsonObject };
}

/** Lets what the simulated controllers have to do happen. */
async function settle(ms: number): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(ms / 20);
  }
}

const deployment: JsonObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx:1" }] } },
  },
};
const path = "/apis/apps/v1/namespaces/default/deployments/web";
const apply = (object: JsonObject): Promise<Reply> =>
  ask("PATCH", `${path}?fieldManager=flux&force=true`, object, "application/apply-patch+yaml");

test("startSandbox() says that it simulates", async () => {
  const { body } = await ask("GET", "/version");
  assert.equal(body.gitVersion, "v1.36.3+plumbline-sandbox");
});

test("a Deployment becomes available in simulated time, and applying it again changes nothing", async () => {
  assert.equal((await apply(deployment)).status, 201);
  await settle(2000);
  const { body } = await ask("GET", path);
  assert.equal(dig(body, "status", "readyReplicas"), 2);
  const again = await apply(deployment);
  assert.equal(dig(again.body, "metadata", "resourceVersion"), dig(body, "metadata", "resourceVersion"));
});

test("an image that does not exist leaves the Deployment unavailable", async () => {
  const spec = {
    ...(deployment.spec as JsonObject),
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "web", image: "does-not-exist:1" }] },
    },
  };
  await apply({ ...deployment, spec });
  await settle(2000);
  const { body } = await ask("GET", "/api/v1/namespaces/default/pods?labelSelector=app%3Dweb");
  const items = Array.isArray(body.items) ? body.items : [];
  const reasons = items.map((pod) => dig(pod, "status", "containerStatuses"));
  assert.match(JSON.stringify(reasons), /ImagePullBackOff/);
});

test("a watch over HTTP/2 sends what is there, says when that is over, and goes on", async () => {
  const session = connect(sandbox.url);
  const query = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  const stream = session.request({ ":path": `/api/v1/namespaces/default/configmaps?${query}` });
  stream.setEncoding("utf8");
  let text = "";
  const until = (pattern: RegExp): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => void (pattern.test(text) && resolve());
      stream.on("data", look);
      look();
    });
  stream.on("data", (part: string) => (text += part));
  await until(/initial-events-end/);
  assert.match(text, /"type":"ADDED".*kube-root-ca.crt/);
  await ask("POST", "/api/v1/namespaces/default/configmaps", { metadata: { name: "new" }, data: { a: "1" } });
  await until(/"name":"new"/);
  session.destroy();
});

test("disconnect() breaks connections until reconnect()", async () => {
  sandbox.disconnect();
  await assert.rejects(() => fetch(`${sandbox.url}/version`));
  sandbox.reconnect();
  await fetch(`${sandbox.url}/version`).catch(() => undefined); // may still be tried on a broken connection
  assert.equal((await fetch(`${sandbox.url}/version`)).status, 200);
});

test("requests() counts by verb and resource", () => {
  const patches = sandbox.requests().find(({ verb, resource }) => verb === "patch" && resource === "deployments");
  assert.equal(patches?.count, 3);
});

test("deleting a namespace deletes what is in it", async () => {
  await ask("POST", "/api/v1/namespaces", { metadata: { name: "gone" } });
  await ask("POST", "/api/v1/namespaces/gone/configmaps", { metadata: { name: "a", finalizers: ["x/y"] } });
  assert.equal((await ask("DELETE", "/api/v1/namespaces/gone")).status, 200);
  const refused = await ask("POST", "/api/v1/namespaces/gone/configmaps", { metadata: { name: "b" } });
  assert.equal(refused.status, 403);
  await settle(1000);
  assert.equal((await ask("GET", "/api/v1/namespaces/gone")).status, 200);
  const patch = [{ op: "remove", path: "/metadata/finalizers" }];
  await ask("PATCH", "/api/v1/namespaces/gone/configmaps/a", patch, "application/json-patch+json");
  await settle(1000);
  assert.equal((await ask("GET", "/api/v1/namespaces/gone")).status, 404);
});

test("inject() answers in the server's place until it is taken away", async () => {
  const takeAway = sandbox.inject(({ method, path: asked }) =>
    method === "PATCH" && asked.endsWith("/deployments/web")
      ? { code: 503, reason: "ServiceUnavailable", message: "busy" }
      : undefined,
  );
  const refused = await apply(deployment);
  assert.deepEqual([refused.status, refused.body.reason], [503, "ServiceUnavailable"]);
  assert.equal((await ask("GET", path)).status, 200);
  takeAway();
  assert.equal((await apply(deployment)).status, 200);
});

test("endWatches() ends watches without an error, and they can go on from their last version", async () => {
  const watched = await fetch(`${sandbox.url}/api/v1/namespaces/default/configmaps?watch=true`);
  sandbox.endWatches();
  const lines = (await watched.text()).trim().split("\n");
  assert.doesNotMatch(lines.join(""), /ERROR/);
  const last = JSON.parse(lines.at(-1) ?? "{}") as JsonObject;
  const version = dig(last, "object", "metadata", "resourceVersion");
  const again = await fetch(
    `${sandbox.url}/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=${String(version as string)}`,
  );
  await ask("POST", "/api/v1/namespaces/default/configmaps", { metadata: { name: "later" } });
  sandbox.endWatches();
  assert.match(await again.text(), /"type":"ADDED".*"name":"later"/);
});

test("a watch from a version that is forgotten is told 410", async () => {
  const { body } = await ask("GET", "/api/v1/namespaces/default/configmaps");
  sandbox.compact();
  await ask("POST", "/api/v1/namespaces/default/configmaps", { metadata: { name: "latest" } });
  sandbox.compact();
  const version = String(dig(body, "metadata", "resourceVersion") as string);
  const watched = await fetch(
    `${sandbox.url}/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=${version}`,
  );
  assert.match(await watched.text(), /"type":"ERROR".*"code":410/);
});

test("what nobody should send is refused, and the sandbox lives on", async () => {
  const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
  const patched = await fetch(`${sandbox.url}/api/v1/namespaces/default/configmaps/kube-root-ca.crt`, {
    method: "PATCH",
    headers: { "content-type": "application/merge-patch+json" },
    body: deep,
  });
  assert.equal(patched.status, 400);
  const huge = await fetch(`${sandbox.url}/api/v1/namespaces`, { method: "POST", body: " ".repeat(4 * 1024 * 1024) });
  assert.equal(huge.status, 413);
  assert.equal((await fetch(`${sandbox.url}/api/v1/pods`, { method: "OPTIONS" })).status, 405);
  assert.equal((await fetch(`${sandbox.url}//`)).status, 404);
  assert.equal(
    (await fetch(`${sandbox.url}/api/v1/pods`, { headers: { authorization: "Bearer unknown" } })).status,
    401,
  );
  const schema = { type: "object", properties: { spec: { type: "string", pattern: "((" } } };
  const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }];
  const spec = { group: "y.z", names: { plural: "xs", kind: "X" }, scope: "Namespaced", versions };
  const crd = await ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
    metadata: { name: "xs.y.z" },
    spec,
  });
  assert.match(JSON.stringify(crd.body.message), /must be a valid regular expression/);
  assert.equal((await ask("GET", "/version")).status, 200);
});
