// What controllers do after a write: the same plays on a sandbox and on a real cluster with its controller manager, and
// the state both come to. No kubelet runs in either, so nothing here waits for pods.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { dig, digString, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { type RunningSandbox, startSandbox } from "@plumbline/sandbox/server";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import type { Send } from "./run-case.ts";
import { sender } from "./servers.ts";

const pollMs = 100;
const timeoutMs = 60_000;
const realClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
let sandbox: RunningSandbox;
let servers: [name: string, send: Send][] = [];

before(async () => {
  const cluster = await sharedCluster();
  sandbox = await startSandbox({ clock: realClock });
  servers = [
    ["the sandbox", sender({ url: sandbox.url })],
    ["a real cluster", sender({ url: cluster.url, caPem: cluster.caPem, token: cluster.adminToken })],
  ];
});
after(() => sandbox.stop());

/** What a play has at hand: requests in a namespace of its own. */
class Stage {
  readonly #send: Send;
  readonly namespace: string;
  constructor(send: Send, namespace: string) {
    this.#send = send;
    this.namespace = namespace;
  }

  async ask(
    method: string,
    path: string,
    body?: JsonValue,
    type = "application/json",
  ): Promise<{ code: number; body: JsonObject }> {
    const full = path.replaceAll("{ns}", this.namespace);
    const text = body === undefined ? undefined : JSON.stringify(body).replaceAll("{ns}", this.namespace);
    const { code, text: answer } = await this.#send({
      method,
      path: full,
      headers: { "content-type": type },
      body: text,
    });
    return { code, body: JSON.parse(answer) as JsonObject };
  }

  async create(path: string, body: JsonObject): Promise<string> {
    const answer = await this.ask("POST", path, body);
    assert.equal(answer.code, 201, JSON.stringify(answer.body));
    return digString(answer.body, "metadata", "uid") ?? "";
  }

  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + timeoutMs;
    while (!(await isSo())) {
      assert.ok(performance.now() < end, `${what} has not come to pass`);
      await sleep(pollMs);
    }
  }

  async untilGone(path: string): Promise<void> {
    await this.until(`the end of ${path}`, async () => (await this.ask("GET", path)).code === 404);
  }
}

/** Runs a play on both servers; what it returns must be equal. */
function play(name: string, act: (stage: Stage) => Promise<JsonValue>): void {
  test(`on both alike: ${name}`, async () => {
    const outcomes: JsonValue[] = [];
    for (const [, send] of servers) {
      const namespace = `play-${randomBytes(4).toString("hex")}`;
      const stage = new Stage(send, namespace);
      await stage.create("/api/v1/namespaces", { metadata: { name: namespace } });
      await stage.until(
        "the default account",
        async () => (await stage.ask("GET", `${core}/serviceaccounts/default`)).code === 200,
      );
      outcomes.push(JSON.parse(JSON.stringify(await act(stage)).replaceAll(namespace, "{ns}")) as JsonValue);
      await stage.ask("DELETE", `/api/v1/namespaces/${namespace}`);
    }
    assert.deepEqual(outcomes[0], outcomes[1]);
  });
}

const core = "/api/v1/namespaces/{ns}";
const maps = `${core}/configmaps`;

const ownedBy = (uid: string, more: JsonObject = {}): JsonObject => ({
  ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid, ...more }],
});

async function family(stage: Stage, more: JsonObject = {}): Promise<void> {
  const uid = await stage.create(maps, { metadata: { name: "owner" } });
  await stage.create(maps, { metadata: { name: "child", ...ownedBy(uid, { blockOwnerDeletion: true }), ...more } });
}

play("deleting an owner in the background deletes what it owned", async (stage) => {
  await family(stage);
  const deleted = await stage.ask("DELETE", `${maps}/owner?propagationPolicy=Background`);
  await stage.untilGone(`${maps}/child`);
  return deleted.code;
});

play("deleting an owner in the foreground waits for what it owned", async (stage) => {
  await family(stage, { finalizers: ["x/y"] });
  await stage.ask("DELETE", `${maps}/owner?propagationPolicy=Foreground`);
  await stage.until("the child's deletion", async () => {
    const child = await stage.ask("GET", `${maps}/child`);
    return dig(child.body, "metadata", "deletionTimestamp") !== undefined;
  });
  const waiting = await stage.ask("GET", `${maps}/owner`);
  await stage.ask("PATCH", `${maps}/child`, { metadata: { finalizers: null } }, "application/merge-patch+json");
  await stage.untilGone(`${maps}/owner`);
  return { code: waiting.code, finalizers: dig(waiting.body, "metadata", "finalizers") ?? null };
});

play("orphaning leaves what was owned, without its owner", async (stage) => {
  await family(stage);
  await stage.ask("DELETE", `${maps}/owner?propagationPolicy=Orphan`);
  await stage.untilGone(`${maps}/owner`);
  const child = await stage.ask("GET", `${maps}/child`);
  return { code: child.code, owners: dig(child.body, "metadata", "ownerReferences") ?? null };
});

play("an object whose owner never was is collected", async (stage) => {
  await stage.create(maps, { metadata: { name: "child", ...ownedBy("00000000-0000-4000-8000-000000000000") } });
  await stage.untilGone(`${maps}/child`);
  return true;
});

play("a namespace goes when its content has gone", async (stage) => {
  await stage.create(maps, { metadata: { name: "held", finalizers: ["x/y"] } });
  await stage.create(maps, { metadata: { name: "free" } });
  await stage.ask("DELETE", "/api/v1/namespaces/{ns}");
  await stage.untilGone(`${maps}/free`);
  await stage.until("a condition", async () =>
    JSON.stringify((await stage.ask("GET", "/api/v1/namespaces/{ns}")).body).includes("NamespaceContentRemaining"),
  );
  const held = await stage.ask("GET", `${maps}/held`);
  await stage.ask("PATCH", `${maps}/held`, { metadata: { finalizers: null } }, "application/merge-patch+json");
  await stage.untilGone("/api/v1/namespaces/{ns}");
  return { code: held.code, isTerminating: dig(held.body, "metadata", "deletionTimestamp") !== undefined };
});

play("the default account of a namespace comes back", async (stage) => {
  await stage.ask("DELETE", `${core}/serviceaccounts/default`);
  await stage.until(
    "the account",
    async () => (await stage.ask("GET", `${core}/serviceaccounts/default`)).code === 200,
  );
  return true;
});

const template = {
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "c", image: "does-not-exist:1" }] },
};

play("a Deployment gets a ReplicaSet with its hash, revision and owner, and takes it along", async (stage) => {
  const path = "/apis/apps/v1/namespaces/{ns}/deployments";
  const spec = { replicas: 1, selector: { matchLabels: { app: "web" } }, template };
  const uid = await stage.create(path, { metadata: { name: "web" }, spec });
  const sets = async (): Promise<JsonValue[]> => {
    const { items } = (await stage.ask("GET", "/apis/apps/v1/namespaces/{ns}/replicasets")).body;
    return Array.isArray(items) ? items : [];
  };
  await stage.until(
    "a status",
    async () => dig((await stage.ask("GET", `${path}/web`)).body, "status", "unavailableReplicas") === 1,
  );
  await stage.until("a ReplicaSet's pod", async () => dig((await sets())[0] ?? null, "status", "replicas") === 1);
  const set = (await sets())[0] ?? null;
  const deployment = (await stage.ask("GET", `${path}/web`)).body;
  await stage.ask("DELETE", `${path}/web?propagationPolicy=Background`);
  await stage.until("the end of the ReplicaSet", async () => (await sets()).length === 0);
  const hash = digString(set, "metadata", "labels", "pod-template-hash") ?? "";
  return {
    name: dig(set, "metadata", "name") === `web-${hash}`,
    isOwned: JSON.stringify(dig(set, "metadata", "ownerReferences")).includes(uid),
    annotations: dig(set, "metadata", "annotations") ?? null,
    selector: JSON.stringify(dig(set, "spec", "selector")).replaceAll(hash, "<hash>"),
    generation: dig(deployment, "metadata", "generation") ?? null,
    observed: dig(deployment, "status", "observedGeneration") ?? null,
    revision: dig(deployment, "metadata", "annotations", "deployment.kubernetes.io/revision") ?? null,
    available: conditionOf(deployment, "Available"),
    progressing: conditionOf(deployment, "Progressing").replaceAll(hash, "<hash>"),
  };
});

function conditionOf(object: JsonObject, type: string): string {
  const conditions = dig(object, "status", "conditions");
  const found = Array.isArray(conditions) ? conditions.find((condition) => dig(condition, "type") === type) : undefined;
  return ["status", "reason", "message"].map((key) => digString(found, key) ?? "").join(": ");
}

play("a CustomResourceDefinition takes its objects along", async (stage) => {
  const group = `${stage.namespace}.example.com`;
  const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const version = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } };
  const names = { kind: "Thing", plural: "things" };
  await stage.create(crds, {
    metadata: { name: `things.${group}` },
    spec: { group, names, scope: "Namespaced", versions: [version] },
  });
  const things = `/apis/${group}/v1/namespaces/{ns}/things`;
  const isServed = async (): Promise<boolean> =>
    (await stage.ask("POST", things, { apiVersion: `${group}/v1`, kind: "Thing", metadata: { name: "a" } })).code ===
    201;
  await stage.until("the resource", () => isServed().catch(() => false)); // the answer before that is no JSON
  const crd = (await stage.ask("GET", `${crds}/things.${group}`)).body;
  await stage.ask("DELETE", `${crds}/things.${group}`);
  await stage.untilGone(`${crds}/things.${group}`);
  return {
    names: dig(crd, "status", "acceptedNames") ?? null,
    stored: dig(crd, "status", "storedVersions") ?? null,
    established: conditionOf(crd, "Established"),
    accepted: conditionOf(crd, "NamesAccepted"),
    generation: dig(crd, "metadata", "generation") ?? null,
  };
});
