// Connections over real sockets: versions of HTTP, proxies, GOAWAY, full sessions, servers that fall silent.

import assert from "node:assert/strict";
import { createServer as createHttp2, type ServerHttp2Session } from "node:http2";
import { connect as connectTcp, createServer as createTcp, type Socket } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { type Clock, dig, Failure, type JsonValue } from "@plumbline/core/model";
import { startControlPlane, type TestHooks } from "@plumbline/testkit/control-plane";
import {
  type ClusterConfig,
  connect,
  type ConnectOptions,
  isTooManyRequests,
  type KubeClient,
  type WatchEvent,
} from "../index.ts";
import { clientOf, eventually } from "../testing/clients.ts";
import { listen } from "@plumbline/testkit/faults";
import { authority, configOf, connectProxy, serverOf, socksProxy } from "../testing/servers.ts";
import { systemClock } from "@plumbline/edges/telemetry";

const realClock = systemClock({ keepsAlive: true });

function client(test_: TestHooks, config: ClusterConfig, options: Partial<ConnectOptions> = {}): KubeClient {
  const made = connect(config, { clock: realClock, userAgent: "plumbline-test/0", env: {}, ...options });
  test_.after(() => made.close());
  return made;
}

const hello = { hello: "world" };
const failing = async (work: Promise<unknown>): Promise<Failure> => {
  const thrown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(thrown instanceof Failure, String(thrown));
  return thrown;
};

for (const protocol of ["h2", "h2c", "https", "http"] as const) {
  test(`${protocol}: many calls at once, bodies both ways, prefix of the path`, async (t) => {
    const versions = new Set<string>();
    const server = serverOf(protocol, (request, answer) => {
      versions.add(request.httpVersion);
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => answer({ path: request.url, body: Buffer.concat(chunks).toString() }));
    });
    const config = configOf(protocol, await listen(t, server));
    const api = client(t, { ...config, server: `${config.server}/k8s/clusters/c1` });
    const paths = Array.from({ length: 300 }, (_, i) => `/x/${i}`);
    const answers = await Promise.all(paths.map((path) => api.getPath(path)));
    assert.deepEqual(
      answers.map((answer) => dig(answer, "path")),
      paths.map((path) => `/k8s/clusters/c1${path}`),
    );
    assert.deepEqual([...versions], [protocol.startsWith("h2") ? "2.0" : "1.1"]);
  });

  test(`${protocol}: a DELETE carries its body`, async (t) => {
    const bodies: string[] = [];
    const list = { kind: "APIGroupDiscoveryList", items: [discoveredConfigMaps] };
    const server = serverOf(protocol, (request, answer) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        if (request.method === "DELETE") bodies.push(body);
        answer(request.method === "DELETE" ? { kind: "Status", status: "Success" } : list);
      });
    });
    const api = client(t, configOf(protocol, await listen(t, server)));
    const ref = { group: "", version: "v1", kind: "ConfigMap", namespace: "n", name: "a" };
    assert.equal(await api.delete(ref, { preconditions: { uid: "u" } }), undefined);
    assert.deepEqual(dig(JSON.parse(bodies[0] ?? "") as JsonValue, "preconditions"), { uid: "u" });
  });
}

const discoveredConfigMaps = {
  metadata: {},
  versions: [
    {
      version: "v1",
      freshness: "Current",
      resources: [
        { resource: "configmaps", responseKind: { kind: "ConfigMap" }, scope: "Namespaced", verbs: ["delete"] },
      ],
    },
  ],
};

test("a session that is nearly full gets a second one before calls must wait", async (t) => {
  let [busy, mostBusy, sessions] = [0, 0, 0];
  const server = createHttp2({ settings: { maxConcurrentStreams: 10 } }, (_, response) => {
    busy++;
    mostBusy = Math.max(mostBusy, busy);
    setTimeout(() => {
      busy--;
      response.end(JSON.stringify(hello));
    }, 300);
  });
  server.on("session", () => sessions++);
  const options = { concurrency: { start: 25, max: 25 } };
  const api = client(t, configOf("h2c", await listen(t, server)), options);
  await api.getPath("/first");
  await Promise.all(Array.from({ length: 25 }, () => api.getPath("/x")));
  assert.ok(sessions >= 3, `${sessions} sessions`);
  assert.ok(mostBusy > 20, `${mostBusy} at once, 10 for each session`);
});

test("GOAWAY: what is on its way is finished, what was refused is sent again, new calls take a new session", async (t) => {
  const sessions: ServerHttp2Session[] = [];
  let served = 0;
  const server = createHttp2((_, response) => {
    served++;
    setTimeout(() => response.end(JSON.stringify(hello)), 5);
  });
  server.on("session", (session) => sessions.push(session));
  const api = client(t, configOf("h2c", await listen(t, server)));
  let done = 0;
  const calls = Array.from({ length: 400 }, async (_, i) => {
    await new Promise((resolve) => setTimeout(resolve, (i % 40) * 5));
    assert.deepEqual(await api.getPath(`/${i}`), hello);
    done++;
  });
  const closing = setInterval(() => {
    for (const session of sessions.splice(0)) session.close();
  }, 60);
  await Promise.all(calls).finally(() => clearInterval(closing));
  assert.equal(done, 400);
  assert.ok(served >= 400);
});

test("GOAWAY from a server that then never hangs up: new calls take a new session, and the old socket is let go", async (t) => {
  const sessions: ServerHttp2Session[] = [];
  const server = createHttp2((_, response) => response.end(JSON.stringify(hello)));
  server.on("session", (session) => sessions.push(session));
  const target = await listen(t, server);
  const nears: Socket[] = [];
  const relay = createTcp({ allowHalfOpen: true }, (near) => {
    nears.push(near);
    const far = connectTcp({ port: target, host: "127.0.0.1" });
    t.after(() => far.destroy());
    near.on("data", (chunk) => far.write(chunk));
    far.on("data", (chunk) => near.write(chunk)).on("error", () => undefined);
  });
  // PINGs are due every 0.6 s.
  const clock: Clock = { ...realClock, after: (ms, callback) => realClock.after(ms / 50, callback) };
  const api = client(t, configOf("h2c", await listen(t, relay)), { clock });
  for (let round = 0; round < 10; round++) {
    assert.deepEqual(await api.getPath("/x"), hello);
    for (const session of sessions.splice(0)) session.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(nears.length > 1, `${nears.length} sessions`);
  await eventually(() => {
    const open = nears.filter((near) => !near.destroyed);
    for (const near of open) near.write("?"); // a closed one answers with a reset
    return open.length === 0;
  }, "the sockets are closed");
  assert.deepEqual(await api.getPath("/x"), hello);
});

test("a connection that is cut off in the middle: repeatable calls go again, others fail by name", async (t) => {
  let cuts = 0;
  const server = createHttp2((request, response) => {
    const isCut = request.url === "/cut" && cuts++ < 2;
    if (isCut) request.stream.session?.destroy();
    else response.end(JSON.stringify(hello));
  });
  const api = client(t, configOf("h2c", await listen(t, server)));
  assert.deepEqual(await api.getPath("/cut"), hello);
  assert.equal(cuts, 3);
});

test("429 is waited for as long as the server says, 503 too, and then given up", async (t) => {
  let refusals = 0;
  const server = createHttp2((request, response) => {
    const isRefused = request.url === "/always" || refusals++ < 2;
    if (isRefused) response.writeHead(refusals === 1 ? 429 : 503, { "retry-after": "1" }).end("slow down");
    else response.end(JSON.stringify(hello));
  });
  const waits: number[] = [];
  const clock: Clock = {
    ...realClock,
    after: (ms, callback) => {
      if (ms >= 1000 && ms <= 1500) waits.push(ms);
      return realClock.after(ms >= 1000 && ms <= 1500 ? 1 : ms, callback);
    },
  };
  const api = client(t, configOf("h2c", await listen(t, server)), { clock });
  assert.deepEqual(await api.getPath("/"), hello);
  assert.equal(waits.length, 2);
  const failure = await failing(api.getPath("/always"));
  assert.equal(failure.message, "slow down");
  assert.equal(isTooManyRequests(failure), false);
  assert.equal(waits.length, 7);
});

test("an API server that is stopped in its tracks is noticed by PING and left", async (t) => {
  const plane = await startControlPlane({ controllerManagerArgs: false });
  t.after(() => plane.stop());
  // PINGs go out every 0.6 s and are given 0.3 s.
  const clock: Clock = { ...realClock, after: (ms, callback) => realClock.after(ms / 50, callback) };
  const { client: api } = clientOf(plane.kubeconfigPath, t, { clock });
  const events: string[] = [];
  const watch = api.watch({
    resource: { group: "", kind: "Namespace" },
    on: (event) => void (event.type === "added" || events.push(event.type)),
  });
  await watch.synced;
  const { apiServer } = plane.pids();
  process.kill(apiServer, "SIGSTOP");
  try {
    await eventually(() => events.includes("disconnected"), "the watch notices");
  } finally {
    process.kill(apiServer, "SIGCONT");
  }
  await eventually(() => events.includes("resumed"), "the watch is back");
  assert.deepEqual(events, ["synced", "disconnected", "resumed"]);
  watch.stop();
});

test("a server that takes a watch and never answers it is given up after a minute", async (t) => {
  const list = { kind: "APIGroupDiscoveryList", items: [discoveredConfigMaps] };
  const server = createHttp2((request, response) => {
    if (!request.url.includes("watch=")) response.end(JSON.stringify(list));
  });
  // Minutes pass in half seconds.
  const clock: Clock = { ...realClock, after: (ms, callback) => realClock.after(ms / 120, callback) };
  const api = client(t, configOf("h2c", await listen(t, server)), { clock });
  const told: string[] = [];
  const on = (event: WatchEvent): void => {
    if (event.type === "disconnected") told.push(event.failure.message);
  };
  const watch = api.watch({ resource: { group: "", kind: "ConfigMap" }, on });
  await eventually(() => told.length > 0, "the outage is told");
  assert.deepEqual(told, ["watch configmaps: not done within 60 s"]);
  watch.stop();
  await watch.closed;
});

test("proxies: CONNECT with and without login, SOCKS5, and their refusals", async (t) => {
  const target = await listen(
    t,
    serverOf("h2", (_, answer) => answer(hello)),
  );
  const connects: string[] = [];
  const open = await listen(t, connectProxy(connects));
  const locked = await listen(t, connectProxy(connects, "pass word"));
  const socks: string[] = [];
  const socksOpen = await listen(t, socksProxy(socks));
  const socksLocked = await listen(t, socksProxy(socks, { user: "u", password: "p" }));
  const config = { ...configOf("h2", target), server: `https://localhost:${target}` };
  const via = (proxyUrl: string): Promise<JsonValue> => client(t, { ...config, proxyUrl }).getPath("/");
  assert.deepEqual(await via(`http://127.0.0.1:${open}`), hello);
  assert.deepEqual(await via(`http://user:pass%20word@127.0.0.1:${locked}`), hello);
  assert.deepEqual(await via(`socks5://127.0.0.1:${socksOpen}`), hello);
  assert.deepEqual(await via(`socks5://u:p@127.0.0.1:${socksLocked}`), hello);
  assert.deepEqual(connects, [`localhost:${target} `, `localhost:${target} user:pass word`]);
  assert.deepEqual(socks, [`localhost:${target}`, `localhost:${target}`]);
  const refused = await failing(via(`http://user:wrong@127.0.0.1:${locked}`));
  assert.match(refused.message, /it answered 407 to CONNECT/);
  assert.match(refused.hint ?? "", /proxy-url/);
  assert.ok(!`${refused.message}${refused.hint}`.includes("wrong"), "no password in the message");
  assert.match((await failing(via(`socks5://u:x@127.0.0.1:${socksLocked}`))).message, /refused the user name/);
});

test("a client certificate is shown, and a server that wants one says so", async (t) => {
  const mine = authority.issue(["plumbline"]);
  const options = { requestCert: true, rejectUnauthorized: true, ca: authority.cert };
  const names: string[] = [];
  const server = serverOf(
    "h2",
    (request, answer) => {
      const socket = request.socket as unknown as { getPeerCertificate(): { subject?: { CN?: string } } };
      names.push(socket.getPeerCertificate().subject?.CN ?? "");
      answer(hello);
    },
    options,
  );
  const config = configOf("h2", await listen(t, server));
  const certificate = { data: Buffer.from(mine.cert) };
  const key = { data: Buffer.from(mine.key) };
  assert.deepEqual(await client(t, { ...config, tls: { ...config.tls, certificate, key } }).getPath("/"), hello);
  assert.deepEqual(names, ["plumbline"]);
  const failure = await failing(client(t, config).getPath("/"));
  assert.equal(failure.reason, "ClusterUnreachable");
  assert.match(failure.hint ?? "", /wants a client certificate/);
});

test("the server's certificate is checked: authority, name, age; and not when told so", async (t) => {
  const expired = authority.issue(["127.0.0.1"], { from: new Date(0), until: new Date(86_400_000) });
  const good = configOf(
    "h2",
    await listen(
      t,
      serverOf("h2", (_, answer) => answer(hello)),
    ),
  );
  const old = configOf(
    "h2",
    await listen(
      t,
      serverOf("h2", (_, answer) => answer(hello), expired),
    ),
  );
  const rows: [ClusterConfig, RegExp][] = [
    [old, /clock/],
    [{ ...good, tls: { skipVerify: false } }, /certificate-authority-data/],
    [{ ...good, tls: { ...good.tls, serverName: "other" } }, /tls-server-name/],
  ];
  for (const [config, hint] of rows) {
    assert.match((await failing(client(t, config).getPath("/"))).hint ?? "", hint);
    const { serverName } = config.tls;
    const tls = { skipVerify: true, ...(serverName ? { serverName } : {}) };
    assert.deepEqual(await client(t, { ...config, tls }).getPath("/"), hello);
  }
  assert.deepEqual(await client(t, { ...good, tls: { ...good.tls, serverName: "localhost" } }).getPath("/"), hello);
});

test("compressed answers are read within the limit, bombs are not", async (t) => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, " "));
  const server = createHttp2((request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    response.end(request.url === "/bomb" ? bomb : gzipSync(JSON.stringify(hello)));
  });
  const api = client(t, configOf("h2c", await listen(t, server)), { maxResponseBytes: 1_000_000 });
  assert.deepEqual(await api.getPath("/"), hello);
  await failing(api.getPath("/bomb"));
});

test("a server that is no API server is told as such", async (t) => {
  const port = await listen(
    t,
    serverOf("h2", (_, answer) => answer("<html>welcome</html>")),
  );
  const failure = await failing(client(t, configOf("h2", port)).getPath("/"));
  assert.match(failure.message, /the answer is no JSON/);
  assert.match(failure.hint ?? "", /proxy's page/);
});

test("close() ends what is on its way, and later calls at once", async (t) => {
  const port = await listen(
    t,
    createHttp2(() => {}),
  );
  const api = client(t, configOf("h2c", port));
  const pending = failing(api.getPath("/never", { timeoutMs: 60_000 }));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await api.close();
  await pending;
  assert.match((await failing(api.getPath("/"))).message, /the client is closed/);
});
