// Credentials that change, against a real kube-apiserver: plugins, token files, a Pod's files.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { dig, Failure, formatFailure, type JsonObject } from "@plumbline/core/model";
import { type Cluster, sharedCluster, type TestHooks } from "@plumbline/testkit/control-plane";
import {
  type ClusterConfig,
  connect,
  inClusterConfig,
  type KubeClient,
  loadClusterConfig,
  loadKubeconfig,
} from "../index.ts";
import { systemClock } from "@plumbline/edges/telemetry";
import { execInfo } from "./exec-plugin.ts";

const realClock = systemClock({ keepsAlive: true });

interface Scene {
  cluster: Cluster;
  folder: string;
  /** A kubeconfig with this user. */
  config(user: JsonObject): ClusterConfig;
  client(config: ClusterConfig, now?: () => number): KubeClient;
}

async function scene(t: TestHooks): Promise<Scene> {
  const cluster = await sharedCluster();
  const folder = mkdtempSync(join(tmpdir(), "plumbline-credentials-"));
  t.after(() => Promise.resolve(rmSync(folder, { recursive: true })));
  const env = { PATH: process.env["PATH"], FOLDER: folder };
  return {
    cluster,
    folder,
    config: (user) => {
      const file = join(folder, "kubeconfig");
      const ca = Buffer.from(cluster.caPem).toString("base64");
      const text = JSON.stringify({
        "current-context": "c",
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
        clusters: [{ name: "c", cluster: { server: cluster.url, "certificate-authority-data": ca } }],
        users: [{ name: "u", user }],
      });
      writeFileSync(file, text);
      return loadKubeconfig({ path: file, env: {} });
    },
    client: (config, now = () => realClock.now()) => {
      const made = connect(config, { clock: { ...realClock, now }, userAgent: "plumbline-test/0", env });
      t.after(() => made.close());
      return made;
    },
  };
}

/** A plugin that prints one line after another of `answers`, and notes what it was told. */
function plugin(at: Scene, answers: readonly object[]): JsonObject {
  const script = join(at.folder, "login");
  answers.forEach((answer, i) => writeFileSync(join(at.folder, `answer${i}`), JSON.stringify(answer)));
  const lines = [
    "#!/bin/sh",
    'n=$(cat "$FOLDER/count" 2>/dev/null || echo 0)',
    'echo $((n+1)) > "$FOLDER/count"',
    'printf %s "$KUBERNETES_EXEC_INFO" > "$FOLDER/info"',
    'cat "$FOLDER/answer$n"',
  ];
  writeFileSync(script, lines.join("\n"));
  chmodSync(script, 0o755);
  return {
    exec: {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "./login",
      provideClusterInfo: true,
      interactiveMode: "Never",
    },
  };
}

const answer = (status: object): object => ({
  apiVersion: "client.authentication.k8s.io/v1",
  kind: "ExecCredential",
  status,
});
const runs = (at: Scene): number => Number(readFileSync(join(at.folder, "count"), "utf8"));

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(thrown instanceof Failure, String(thrown));
  return thrown;
}

test("a plugin runs once for many calls, again when its token expires, and again after a 401", async (t) => {
  const at = await scene(t);
  let now = Date.UTC(2026, 0, 1);
  const token = at.cluster.adminToken;
  const answers = [
    answer({ token, expirationTimestamp: new Date(now + 60_000).toISOString() }),
    answer({ token: "refused-by-the-server" }),
    answer({ token }),
  ];
  const client = at.client(at.config(plugin(at, answers)), () => now);
  await Promise.all(Array.from({ length: 20 }, () => client.getPath("/api")));
  assert.equal(runs(at), 1);
  now += 60_000;
  await new Promise((resolve) => setTimeout(resolve, 10));
  const failed = await failureOf(client.getPath("/api"));
  assert.equal(failed.reason, "AuthenticationFailed", "a fresh token that is refused is not asked for again at once");
  assert.equal(runs(at), 2);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await client.getPath("/api");
  assert.equal(runs(at), 3);
  const info = JSON.parse(readFileSync(join(at.folder, "info"), "utf8")) as JsonObject;
  assert.equal(dig(info, "spec", "cluster", "server"), at.cluster.url);
  assert.equal(dig(info, "spec", "interactive"), false);
});

test("a watch outlives a refused credential: it goes on with the next one", async (t) => {
  const at = await scene(t);
  const client = at.client(
    at.config(plugin(at, [answer({ token: "refused" }), answer({ token: at.cluster.adminToken })])),
  );
  const events: string[] = [];
  const on = (event: { type: string }): void => void (event.type === "added" || events.push(event.type));
  const watch = client.watch({ resource: { group: "", kind: "Namespace" }, on });
  await watch.synced;
  assert.deepEqual(events, ["disconnected", "synced", "resumed"]);
  assert.equal(runs(at), 2);
  watch.stop();
  await watch.closed;
});

test("a plugin that fails is told with its own words, its hint and never its output", async (t) => {
  const at = await scene(t);
  const secret = "do-not-print";
  const rows: [JsonObject, RegExp][] = [
    [{ command: "/no/such/program", installHint: "Install it so." }, /the program is not there. Install it so./],
    [{ command: "sh", args: ["-c", `echo ${secret}; echo broken >&2; exit 3`] }, /it ended with 3: broken/],
    [{ command: "sh", args: ["-c", `echo ${secret}`] }, /it printed no JSON object/],
    [{ command: "sh", args: ["-c", `echo '{"kind":"${secret}"}'`] }, /it printed no ExecCredential/],
    [{ command: "echo", args: [JSON.stringify(answer({ clientCertificateData: secret }))] }, /neither a token nor/],
    [
      { command: "echo", args: [JSON.stringify(answer({ token: `${secret} ` }))] },
      /characters that a token cannot have/,
    ],
    [{ command: "sh", args: ["-c", "head -c 3000000 /dev/zero"] }, /more than 1 MiB/],
  ];
  for (const [exec, expected] of rows) {
    const user = { exec: { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Never", ...exec } };
    const failure = await failureOf(at.client(at.config(user)).getPath("/api"));
    const text = formatFailure(failure);
    assert.equal(failure.reason, "AuthenticationFailed");
    assert.match(text, expected);
    assert.ok(!text.includes(secret), text);
  }
});

test("a token file that is rotated is read again after a 401", async (t) => {
  const at = await scene(t);
  const tokenFile = join(at.folder, "token");
  writeFileSync(tokenFile, at.cluster.adminToken);
  const client = at.client(at.config({ tokenFile: "token" }));
  await client.getPath("/api");
  writeFileSync(tokenFile, "wrong\n");
  await client.getPath("/api");
  const stale = at.client(at.config({ tokenFile: "token" }));
  assert.equal((await failureOf(stale.getPath("/api"))).reason, "AuthenticationFailed");
  writeFileSync(tokenFile, `${at.cluster.adminToken}\n`);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await stale.getPath("/api");
  rmSync(tokenFile);
  assert.match(
    (await failureOf(at.client(at.config({ tokenFile: "token" })).getPath("/api"))).message,
    /cannot be read/,
  );
});

test("a Pod's service account files are enough", async (t) => {
  const at = await scene(t);
  const url = new URL(at.cluster.url);
  const env = { KUBERNETES_SERVICE_HOST: url.hostname, KUBERNETES_SERVICE_PORT: url.port };
  const folder = join(at.folder, "account");
  mkdirSync(folder);
  assert.equal(inClusterConfig(env, folder), undefined);
  writeFileSync(join(folder, "token"), at.cluster.adminToken);
  writeFileSync(join(folder, "ca.crt"), at.cluster.caPem);
  writeFileSync(join(folder, "namespace"), "flux-system\n");
  const config = inClusterConfig(env, folder);
  assert.ok(config);
  assert.equal(config.namespace, "flux-system");
  await at.client(config).getPath("/api");
  assert.equal(inClusterConfig({}, folder), undefined);
});

test("loading names the file that is missing, and follows KUBECONFIG and HOME", async (t) => {
  const at = await scene(t);
  at.config({ token: at.cluster.adminToken });
  const there = join(at.folder, "kubeconfig");
  assert.equal(loadClusterConfig({ env: { KUBECONFIG: `/nowhere:${there}` } }).server, at.cluster.url);
  const load = (options: Parameters<typeof loadKubeconfig>[0]) =>
    failureOf(Promise.resolve().then(() => loadKubeconfig(options)));
  assert.match((await load({ env: { HOME: at.folder } })).message, /no kubeconfig was found at .*\.kube\/config/);
  assert.match(
    formatFailure(await load({ path: "/nowhere", env: {} })),
    /^\/nowhere: the kubeconfig cannot be read: ENOENT/,
  );
});

test("execInfo() tells the cluster only when the kubeconfig says so", async (t) => {
  const at = await scene(t);
  const config = at.config({ token: "x" });
  const base = { apiVersion: "client.authentication.k8s.io/v1", command: "x", args: [], env: {}, installHint: "" };
  assert.deepEqual(execInfo({ ...base, provideClusterInfo: false }, config), {
    apiVersion: base.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false },
  });
});
