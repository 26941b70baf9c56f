// The artifact store and its server on a real disk and a real socket.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readlink, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { unpackTar } from "modern-tar";
import { memoryTree, type Clock } from "@plumbline/core/model";
import type { ArchivableTree } from "./door.ts";
import { openArtifactStore, startArtifactServer } from "./index.ts";

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now(), after: () => () => undefined };

function archivable(files: Record<string, string>): ArchivableTree {
  const tree = memoryTree(files);
  return {
    ...tree,
    size: (path) => (tree.kind(path) === "file" ? tree.read(path).length : undefined),
    executable: (path) => path.endsWith(".sh"),
    implied: () => false,
    load: () => Promise.resolve(),
    unload: () => undefined,
    stream: async function* (path) {
      yield await Promise.resolve(tree.read(path));
    },
  };
}

async function startFolder(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "plumbline-artifact-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

const commit = (digit: string): string => digit.repeat(40);
const source = { namespace: "flux-system", name: "fleet" };

test("an archive is made once per revision, is the same each time, and says what it is", async (t) => {
  const directory = await startFolder(t);
  const store = openArtifactStore({ directory, clock, baseUrl: "http://host/" });
  const snapshot = archivable({ "b.yaml": "b", "a/c.sh": "#!/bin/sh\n", "a.yaml": "" });
  const request = { ...source, revision: `main@sha1:${commit("1")}`, snapshot };
  const [artifact, twin] = await Promise.all([store.store(request), store.store(request)]);
  assert.deepEqual(twin, artifact);
  assert.equal(artifact.path, `gitrepository/flux-system/fleet/${commit("1")}.tar.gz`);
  assert.equal(artifact.url, `http://host/${artifact.path}`);
  assert.match(artifact.lastUpdateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(await store.store(request), artifact, "the one on the disk is described, not made again");
  const elsewhere = openArtifactStore({ directory: join(directory, "again"), clock, baseUrl: "http://host/" });
  const again = await elsewhere.store({
    ...request,
    snapshot: archivable({ "a.yaml": "", "a/c.sh": "#!/bin/sh\n", "b.yaml": "b" }),
  });
  assert.equal(again.digest, artifact.digest, "the same files give the same bytes");
  assert.equal(await store.verify(artifact), true);
  const file = join(directory, artifact.path);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal(await readlink(join(file, "..", "latest.tar.gz")), `${commit("1")}.tar.gz`);
  const [same, fewer] = await Promise.all([
    store.store(request),
    store.store({ ...request, snapshot: archivable({ "b.yaml": "b" }) }),
  ]);
  assert.equal(same.digest, artifact.digest);
  assert.notEqual(fewer.digest, artifact.digest, "other ignore rules on the same commit give another archive");
  assert.equal(await store.verify(artifact), false);
  assert.equal(await store.verify(fewer), true);
  await writeFile(file, "damaged");
  assert.equal(await store.verify(fewer), false);
  const mended = await store.store({ ...request, snapshot: archivable({ "b.yaml": "b" }) });
  assert.equal(mended.digest, fewer.digest, "a damaged file is made anew, not described");
  assert.equal(await store.verify(fewer), true);
  await store.remove(source);
  assert.deepEqual(await readdir(join(directory, "gitrepository", "flux-system")), []);
});

test("the two newest archives stay, and those younger than a minute", async (t) => {
  const directory = await startFolder(t);
  const store = openArtifactStore({ directory, clock });
  const folder = join(directory, "gitrepository", "flux-system", "fleet");
  const store1 = (digit: string): Promise<unknown> =>
    store.store({ ...source, revision: `main@sha1:${commit(digit)}`, snapshot: archivable({ a: digit }) });
  for (const digit of ["1", "2", "3", "4"]) await store1(digit);
  const archives = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => !name.endsWith(".tree")).sort();
  assert.equal((await archives()).length, 5, "four young ones and the link");
  for (const [i, digit] of ["1", "2", "3", "4"].entries()) {
    const when = Date.now() / 1000 - 1000 + i;
    await utimes(join(folder, `${commit(digit)}.tar.gz`), when, when);
  }
  await store1("5");
  assert.equal((await readdir(folder)).length, 5, "what belongs to a removed archive is removed too");
  assert.deepEqual(await archives(), [`${commit("4")}.tar.gz`, `${commit("5")}.tar.gz`, "latest.tar.gz"]);
});

test("hostile names make no paths", async (t) => {
  const directory = await startFolder(t);
  const store = openArtifactStore({ directory, clock });
  const snapshot = archivable({ a: "1" });
  for (const name of ["..", "a/b", ".hidden", ""]) {
    assert.throws(() => store.store({ namespace: "ns", name, revision: "x", snapshot }), RangeError);
  }
  const odd = await store.store({ ...source, revision: "../../etc/passwd", snapshot });
  assert.match(odd.path, /^gitrepository\/flux-system\/fleet\/[0-9a-f]{64}\.tar\.gz$/);
  assert.equal(await store.verify({ path: "../../../etc/passwd", digest: "x" }), false);
});

test("a failed archive leaves nothing behind", async (t) => {
  const directory = await startFolder(t);
  const store = openArtifactStore({ directory, clock });
  const snapshot = { ...archivable({ a: "1" }), load: () => Promise.reject(new Error("the remote is away")) };
  await assert.rejects(store.store({ ...source, revision: commit("1"), snapshot }), /away/);
  assert.deepEqual(await readdir(join(directory, "gitrepository", "flux-system", "fleet")), []);
});

test("the server hands out archives and nothing else", async (t) => {
  const directory = await startFolder(t);
  const store = openArtifactStore({ directory, clock });
  const snapshot = archivable({ "a.yaml": "x: 1\n" });
  const artifact = await store.store({ ...source, revision: commit("1"), snapshot });
  await writeFile(join(directory, "secret.tar.gz"), "no");
  await symlink("/etc", join(directory, "gitrepository", "flux-system", "etc"));
  const server = await startArtifactServer({ directory });
  t.after(() => server.close());
  const response = await fetch(`${server.url}/${artifact.path}`);
  assert.equal(response.status, 200);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(Number(response.headers.get("content-length")), artifact.size);
  assert.equal(`sha256:${createHash("sha256").update(bytes).digest("hex")}`, artifact.digest);
  const entries = await unpackTar(gunzipSync(bytes));
  assert.deepEqual(entries.map(({ header }) => header.name.replace(/\/$/, "")), [".", "a.yaml"]); // prettier-ignore
  const head = await fetch(`${server.url}/${artifact.path}`, { method: "HEAD" });
  assert.deepEqual([head.status, (await head.arrayBuffer()).byteLength], [200, 0]);
  const latest = await fetch(`${server.url}/gitrepository/flux-system/fleet/latest.tar.gz`);
  assert.equal((await latest.arrayBuffer()).byteLength, artifact.size);
  assert.equal((await fetch(`${server.url}/${artifact.path}`, { method: "PUT", body: "x" })).status, 405);
  const paths = [
    "/",
    "/gitrepository",
    "/gitrepository/flux-system/fleet/",
    "/secret.tar.gz",
    "/gitrepository/flux-system/etc/passwd",
    `/gitrepository/flux-system/fleet/../fleet/${commit("1")}.tar.gz`,
    "/gitrepository/../../x/y.tar.gz",
    "/gitrepository/%2e%2e/%2e%2e/y.tar.gz",
    "//etc/passwd/x/y.tar.gz",
    `/gitrepository/flux-system/fleet/${commit("2")}.tar.gz`,
    "/x".repeat(2000),
  ];
  for (const path of paths) assert.match(await rawGet(server.url, path), /^HTTP\/1\.1 404 /, path);
});

/** A request whose path nobody normalises. */
function rawGet(url: string, path: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    });
    socket.on("data", (bytes: Buffer) => (text += bytes.toString("latin1")));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}
