// The Git edge against a real Git server: what is asked, what is shared, what survives.

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { NotLoaded } from "@plumbline/core/model";
import { systemClock } from "@plumbline/edges/telemetry";
import { failureOf, resolveAndFetch, startBench } from "./testing/bench.ts";

const main = { branch: "main" };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

test("a poll of an unchanged remote is one ls-refs and nothing more", async (t) => {
  const { server, git } = await startBench(t);
  const { url } = await server.create("a", { "a.yaml": "x: 1\n" });
  const first = await resolveAndFetch(git, { url }, main);
  server.reset();
  for (let i = 0; i < 3; i++) assert.deepEqual(await git.resolve({ url, ref: main }), first);
  await git.fetch({ url, ref: main, commit: first.commit });
  assert.deepEqual(server.counts(), { "info/refs": 3, "ls-refs": 3, fetch: 0, other: 0 });
  assert.match(String(server.requests.at(-1)?.body), /ref-prefix refs\/heads\/main\n/);
  assert.deepEqual(await git.resolve({ url, ref: main, maxAgeMs: 60_000 }), first);
  assert.equal(server.counts()["ls-refs"], 3, "a fresh answer is used again");
  await git.resolve({ url, ref: { commit: first.commit } });
  assert.equal(server.counts()["ls-refs"], 3, "a pinned commit asks nobody");
});

test("everybody who asks at once shares one ls-refs and one fetch", async (t) => {
  const { server, git } = await startBench(t);
  const repository = await server.create("a", { "a.yaml": "x: 1\n" });
  await repository.tag("v1.0.0");
  const { url } = repository;
  const refs = [main, { tag: "v1.0.0" }, { semver: "1.x" }, { name: "refs/heads/main" }, main, main];
  const all = await Promise.all(refs.map((ref) => git.resolve({ url, ref })));
  assert.equal(new Set(all.map(({ commit }) => commit)).size, 1);
  assert.equal(server.counts()["ls-refs"], 1);
  const { commit } = all[0] ?? { commit: "" };
  await Promise.all(refs.map((ref) => git.fetch({ url, ref, commit })));
  assert.equal(server.counts().fetch, 1);
});

test("an update fetches only what is new", async (t) => {
  const { server, git } = await startBench(t);
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`d${i}/f.yaml`, `n: ${i}\n`.repeat(50)]));
  const repository = await server.create("a", files);
  const first = await resolveAndFetch(git, repository, main);
  await repository.commit({ "d7/f.yaml": "changed\n" });
  server.reset();
  const { commit } = await resolveAndFetch(git, repository, main);
  assert.deepEqual(server.counts(), { "info/refs": 2, "ls-refs": 1, fetch: 1, other: 0 });
  const asked = String(server.requests.at(-1)?.body);
  assert.match(asked, new RegExp(`want ${commit}`));
  assert.match(asked, new RegExp(`have ${first.commit}`), "the server is told what is here already");
  assert.match(asked, /deepen 1/);
  const snapshot = await git.snapshot({ url: repository.url, commit });
  await snapshot.load(["d7/f.yaml", "d8/f.yaml"]);
  assert.equal(text(snapshot.read("d7/f.yaml")), "changed\n");
});

test("revisions are Flux's for every form, annotated tags are peeled", async (t) => {
  const { server, git } = await startBench(t);
  const repository = await server.create("a", { "a.yaml": "1" });
  const first = await repository.head();
  await repository.tag("v1.0.0", { message: "annotated" });
  const second = await repository.commit({ "a.yaml": "2" });
  await repository.tag("v1.1.0");
  await repository.setRef("refs/pull/7/head", first);
  const { url } = repository;
  const rows = [
    [main, `main@sha1:${second}`],
    [{ tag: "v1.0.0" }, `v1.0.0@sha1:${first}`],
    [{ semver: "~1.0" }, `v1.0.0@sha1:${first}`],
    [{ semver: ">=1.0.0" }, `v1.1.0@sha1:${second}`],
    [{ name: "refs/pull/7/head" }, `refs/pull/7/head@sha1:${first}`],
    [{ commit: first }, `sha1:${first}`],
    [{ branch: "main", commit: first }, `main@sha1:${first}`],
  ] as const;
  for (const [ref, revision] of rows) {
    const resolved = await resolveAndFetch(git, { url }, ref);
    assert.equal(resolved.revision, revision);
    const snapshot = await git.snapshot({ url, commit: resolved.commit });
    await snapshot.load(["a.yaml"]);
    assert.equal(text(snapshot.read("a.yaml")), resolved.commit === first ? "1" : "2");
    assert.deepEqual(await git.lastGood({ url, ref }), resolved);
    snapshot.release();
  }
});

test("tags of one version are told apart by the age of their commits", async (t) => {
  const { server, git } = await startBench(t);
  const repository = await server.create("a");
  const newer = await repository.commit({ a: "new" }, { date: Date.UTC(2026, 5, 2) });
  await repository.tag("1.0.0+a");
  await repository.commit({ a: "old" }, { date: Date.UTC(2026, 5, 1) });
  await repository.tag("1.0.0+b");
  assert.equal((await git.resolve({ url: repository.url, ref: { semver: "1.x" } })).revision, `1.0.0+a@sha1:${newer}`);
});

test("a snapshot is a file tree after ignore rules", async (t) => {
  const { server, git } = await startBench(t);
  const { url } = await server.create("a", {
    "app/.sourceignore": "*.txt\n",
    "app/a.yaml": "a",
    "app/note.txt": "hidden",
    "b.txt": "kept",
    link: { symlink: "b.txt" },
    "run.sh": { executable: "#!/bin/sh\n" },
    module: { submodule: "1".repeat(40) },
  });
  const { commit } = await resolveAndFetch(git, { url }, main);
  const snapshot = await git.snapshot({ url, commit });
  assert.deepEqual(
    snapshot.list("").map(({ name, kind }) => `${name} ${kind}`),
    ["app directory", "b.txt file", "link symlink", "module submodule", "run.sh file"],
  );
  assert.equal(snapshot.kind("app/note.txt"), undefined);
  assert.equal(snapshot.executable("run.sh"), true);
  assert.equal(snapshot.size("b.txt"), 4);
  assert.deepEqual(
    snapshot.ignoreFiles.map(({ path }) => path),
    ["app/.sourceignore"],
  );
  assert.throws(
    () => snapshot.read("b.txt"),
    (error) => error instanceof NotLoaded && error.paths[0] === "b.txt",
  );
  await snapshot.load(["b.txt", "link", "nowhere", "app", "app/note.txt"]);
  assert.equal(text(snapshot.read("b.txt")), "kept");
  assert.equal(text(snapshot.read("link")), "b.txt");
  assert.throws(() => snapshot.read("app/note.txt"), RangeError);
  const other = await git.snapshot({ url, commit, ignore: "link\nmodule" });
  assert.deepEqual(
    other.list("").map(({ name }) => name),
    ["app", "b.txt", "run.sh"],
  );
  assert.notEqual(other.id(""), snapshot.id(""));
  assert.equal(other.id("app"), snapshot.id("app"), "what looks the same has the same id");
});

test("ids of directories change exactly when what is visible changes", async (t) => {
  const { server, git } = await startBench(t);
  const repository = await server.create("a", { "app/a.yaml": "1", "app/pic.png": "1", "other/b.yaml": "1" });
  const { url } = repository;
  const idsAfter = async (change: Record<string, string>): Promise<(string | undefined)[]> => {
    await repository.commit(change);
    const { commit } = await resolveAndFetch(git, { url }, main);
    const snapshot = await git.snapshot({ url, commit });
    return [snapshot.id(""), snapshot.id("app"), snapshot.id("other")];
  };
  const before = await idsAfter({ "app/pic.png": "2" });
  assert.deepEqual(await idsAfter({ "app/pic.png": "3" }), before, "a hidden file changed");
  const after = await idsAfter({ "app/a.yaml": "2" });
  assert.notEqual(after[0], before[0]);
  assert.notEqual(after[1], before[1]);
  assert.equal(after[2], before[2]);
});

test("works from the disk with the remote away, also after a restart", async (t) => {
  const { server, git, reopen } = await startBench(t);
  const { url } = await server.create("a", { "a.yaml": "x: 1\n" });
  const resolved = await resolveAndFetch(git, { url }, main);
  await git.close();
  await server.close();
  const again = reopen();
  await failureOf(again.resolve({ url, ref: main }), "GitOperationFailed");
  assert.deepEqual(await again.lastGood({ url, ref: main }), resolved);
  const snapshot = await again.snapshot({ url, commit: resolved.commit });
  await snapshot.load(["a.yaml"]);
  assert.equal(text(snapshot.read("a.yaml")), "x: 1\n");
  assert.equal(await again.subject({ url, commit: resolved.commit }), "First");
});

test("a cache that nobody touched for months is there when the site comes back without network", async (t) => {
  const { server, git, directory, reopen } = await startBench(t);
  const used = await server.create("used", { "a.yaml": "1" });
  const forgotten = await server.create("forgotten", { "a.yaml": "1" });
  const resolved = await resolveAndFetch(git, used, main);
  await resolveAndFetch(git, forgotten, main);
  await git.close();
  const folder = join(directory, "git", "repositories");
  const longAgo = Date.now() / 1000 - 90 * 24 * 3600;
  for (const name of await readdir(folder)) await utimes(join(folder, name), longAgo, longAgo);
  const system = systemClock({ keepsAlive: true });
  let later = 0;
  const again = reopen({ clock: { ...system, monotonic: () => system.monotonic() + later } });
  assert.deepEqual(await again.lastGood({ url: used.url, ref: main }), resolved);
  await again.snapshot({ url: used.url, commit: resolved.commit });
  assert.equal((await readdir(folder)).length, 2);
  later = 2 * 3_600_000;
  await used.commit({ "a.yaml": "2" });
  await resolveAndFetch(again, used, main);
  while ((await readdir(folder)).length > 1) await wait(5);
  await again.snapshot({ url: used.url, commit: resolved.commit });
});

test("a revision in use survives a force-push and pruning; the oldest unused ones go", async (t) => {
  const system = systemClock({ keepsAlive: true });
  let later = 0;
  const clock = { ...system, monotonic: () => system.monotonic() + later };
  const { server, git } = await startBench(t, { keepRevisions: 2, blobCacheBytes: 0, clock });
  const repository = await server.create("a", { "a.yaml": "0" });
  const { url } = repository;
  const first = await resolveAndFetch(git, { url }, main);
  const held = await git.snapshot({ url, commit: first.commit });
  const commits: string[] = [];
  for (let i = 1; i <= 35; i++) {
    if (i === 5) {
      const early = await git.snapshot({ url, commit: commits[0] ?? "" });
      early.release();
      later = 3_600_000; // nothing was dropped soon after the start
    }
    await repository.commit({ "a.yaml": String(i) }, { fresh: true });
    commits.push((await resolveAndFetch(git, { url }, main)).commit);
  }
  await held.load(["a.yaml"]);
  assert.equal(text(held.read("a.yaml")), "0", "also after the repack that drops what nobody uses");
  await git.snapshot({ url, commit: commits.at(-1) ?? "" });
  const gone = await failureOf(git.snapshot({ url, commit: commits[0] ?? "" }), "SourceUnavailable");
  assert.match(gone.message, /not in the Git cache/);
});

test("one set of credentials never reads what another one fetched", async (t) => {
  const { server, git } = await startBench(t);
  const { url } = await server.create("a", { "a.yaml": "secret" });
  server.credentials = { username: "alice", password: "right" };
  const alice = { url, auth: { username: "alice", password: "right" } };
  const { commit } = await resolveAndFetch(git, alice, main);
  await git.snapshot({ ...alice, commit });
  await failureOf(git.snapshot({ url, commit }), "SourceUnavailable");
  await failureOf(git.snapshot({ url, auth: { username: "alice", password: "wrong" }, commit }), "SourceUnavailable");
  const inUrl = url.replace("//", "//alice:right@");
  await git.snapshot({ url: inUrl, commit });
});

test("rotation of credentials: refused until the new ones are given", async (t) => {
  const { server, git } = await startBench(t);
  const { url } = await server.create("a", { "a.yaml": "1" });
  server.credentials = { bearerToken: "old-token" };
  await resolveAndFetch(git, { url, auth: { bearerToken: "old-token" } }, main);
  server.credentials = { bearerToken: "new-token" };
  const refused = git.resolve({ url, auth: { bearerToken: "old-token" }, ref: main });
  assert.match((await failureOf(refused, "AuthenticationFailed")).message, /refuses the credentials/);
  await resolveAndFetch(git, { url, auth: { bearerToken: "new-token" } }, main);
});

test("an identity keeps the cache over a change of credentials, also while the remote is away", async (t) => {
  const { server, git, reopen } = await startBench(t);
  const { url } = await server.create("a", { "a.yaml": "1" });
  server.credentials = { bearerToken: "first" };
  const first = { url, auth: { bearerToken: "first" }, identity: "team/app-42" };
  const { commit } = await resolveAndFetch(git, first, main);
  server.credentials = { bearerToken: "second" };
  await git.resolve({ ...first, auth: { bearerToken: "second" }, ref: main });
  await git.close();
  await server.close();
  const again = reopen();
  await again.snapshot({ ...first, auth: { bearerToken: "third" }, commit });
  await failureOf(again.snapshot({ ...first, identity: "other/app-42", commit }), "SourceUnavailable");
});

test("a commit object of any size does not fill the memory", async (t) => {
  const { server, git } = await startBench(t);
  const repository = await server.create("a", { "a.yaml": "1" });
  const commit = await repository.commit({ "a.yaml": "2" }, { message: `Subject\n\n${"x".repeat(3_000_000)}` });
  await resolveAndFetch(git, repository, main);
  assert.equal(await git.subject({ url: repository.url, commit }), "Subject");
  const snapshot = await git.snapshot({ url: repository.url, commit });
  await snapshot.load(["a.yaml"]);
  assert.equal(text(snapshot.read("a.yaml")), "2");
});

test("servers older than protocol v2 are understood", async (t) => {
  const { server, git } = await startBench(t);
  server.fault = { kind: "old-protocol" };
  const repository = await server.create("a", { "a.yaml": "1" });
  const first = await repository.head();
  await repository.tag("v1.0.0", { message: "annotated" });
  await repository.commit({ "a.yaml": "2" });
  const { url } = repository;
  const tag = await resolveAndFetch(git, { url }, { tag: "v1.0.0" });
  assert.equal(tag.commit, first, "the commit behind the tag, which is not advertised by itself");
  await resolveAndFetch(git, { url }, main);
  const old = await repository.head();
  await repository.commit({ "a.yaml": "3" });
  const cache = await startBench(t);
  await resolveAndFetch(cache.git, { url }, { branch: "main", commit: old });
  await cache.git.snapshot({ url, commit: old });
  const nowhere = "1".repeat(40);
  const missing = cache.git.fetch({ url, ref: { commit: nowhere }, commit: nowhere });
  assert.match((await failureOf(missing, "GitOperationFailed")).message, /does not have, or does not hand out/);
});

test("repositories with SHA-256 ids", async (t) => {
  const { server, git } = await startBench(t);
  const { url } = await server.create("a", { "a.yaml": "1" }, { objectFormat: "sha256" });
  const { commit, revision } = await resolveAndFetch(git, { url }, main);
  assert.equal(revision, `main@sha256:${commit}`);
  const snapshot = await git.snapshot({ url, commit });
  await snapshot.load(["a.yaml"]);
  assert.equal(text(snapshot.read("a.yaml")), "1");
});

test("a damaged cache is noticed, removed and fetched anew", async (t) => {
  const { server, git, directory, reopen } = await startBench(t, { blobCacheBytes: 0 });
  const { url } = await server.create("a", { "a.yaml": "1".repeat(10_000), "b.yaml": "2" });
  const { commit } = await resolveAndFetch(git, { url }, main);
  await git.close();
  const folder = join(directory, "git", "repositories");
  for (const name of await readdir(folder, { recursive: true })) {
    if (name.endsWith(".pack")) await truncate(join(folder, name), 40);
  }
  const again = reopen();
  await failureOf(again.snapshot({ url, commit }), "StorageOperationFailed");
  await failureOf(again.snapshot({ url, commit }), "SourceUnavailable");
  await resolveAndFetch(again, { url }, main);
  const snapshot = await again.snapshot({ url, commit });
  await snapshot.load(["a.yaml"]);
  assert.equal(snapshot.read("a.yaml").length, 10_000);
});

test("locks that a killed process left do not stop the next one", async (t) => {
  const { server, git, directory, reopen } = await startBench(t);
  const repository = await server.create("a", { "a.yaml": "1" });
  await resolveAndFetch(git, repository, main);
  await git.close();
  const [name = ""] = await readdir(join(directory, "git", "repositories"));
  await writeFile(join(directory, "git", "repositories", name, "shallow.lock"), "");
  await repository.commit({ "a.yaml": "2" });
  await resolveAndFetch(reopen(), repository, main);
});

test("huge files are refused by size before they are read, and can be streamed", async (t) => {
  const { server, git } = await startBench(t, { maxFileBytes: 1000 });
  const { url } = await server.create("a", { "big.bin": "x".repeat(100_000), "small.yaml": "1" });
  const { commit } = await resolveAndFetch(git, { url }, main);
  const snapshot = await git.snapshot({ url, commit });
  const failure = await failureOf(snapshot.load(["small.yaml", "big.bin"]), "LimitExceeded");
  assert.equal(failure.where?.file, "big.bin");
  let size = 0;
  for await (const part of snapshot.stream("big.bin")) size += part.length;
  assert.equal(size, 100_000);
});

test("a tree that no Git client would write is refused", async (t) => {
  const { server, git } = await startBench(t);
  const repository = await server.create("a", { "a.yaml": "1" });
  const blob = await repository.git("rev-parse", "main:a.yaml");
  const folder = await mkdtemp(join(tmpdir(), "plumbline-tree-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const name of ["..", ".git", "x/../../y"]) {
    const file = join(folder, "tree");
    await writeFile(file, Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, "hex")]));
    const tree = await repository.git("hash-object", "-t", "tree", "-w", "--literally", file);
    const identity = ["-c", "user.name=x", "-c", "user.email=x@x.invalid"];
    const commit = await repository.git(...identity, "commit-tree", "-m", "hostile", tree);
    await repository.setRef("refs/heads/main", commit);
    await resolveAndFetch(git, repository, main);
    const failure = await failureOf(git.snapshot({ url: repository.url, commit }), "GitOperationFailed");
    assert.match(failure.message, /no Git client/, name);
  }
});

test("snapshots hold what they loaded when the cache is closed", async (t) => {
  const { server, git } = await startBench(t);
  const { url } = await server.create("a", { "a.yaml": "1" });
  const { commit } = await resolveAndFetch(git, { url }, main);
  const snapshot = await git.snapshot({ url, commit });
  await snapshot.load(["a.yaml"]);
  await git.close();
  assert.equal(text(snapshot.read("a.yaml")), "1");
  await assert.rejects(git.resolve({ url, ref: main }), /closed/);
});
