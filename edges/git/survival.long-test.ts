// What the cache survives: being killed at any moment, and a thousand rounds without growing.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { systemClock } from "@plumbline/edges/telemetry";
import { resolveAndFetch, startBench } from "./testing/bench.ts";

const main = { branch: "main" };

test("kill -9 at any moment leaves a cache that the next process uses", async (t) => {
  const { server, directory, reopen } = await startBench(t);
  const repository = await server.create("a", { "a.yaml": "0" });
  const { url } = repository;
  for (let round = 1; round <= 25; round++) {
    const program = join(import.meta.dirname, "testing", "fetch-forever.ts");
    const child = spawn(process.execPath, [program, directory, url], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    const died = once(child, "exit");
    const until = Date.now() + 40 * (round % 12);
    for (let i = 0; Date.now() < until; i++) await repository.commit({ "a.yaml": `${round}-${i}` });
    child.kill("SIGKILL");
    await died;
    const pushed = await repository.commit({ "a.yaml": `${round}-end` });
    const git = reopen();
    const { commit } = await resolveAndFetch(git, { url }, main);
    assert.equal(commit, pushed);
    const snapshot = await git.snapshot({ url, commit });
    await snapshot.load(["a.yaml"]);
    assert.equal(Buffer.from(snapshot.read("a.yaml")).toString("utf8"), `${round}-end`);
    assert.equal((await git.lastGood({ url, ref: main }))?.commit, commit);
    await git.close();
  }
});

test("four hundred changes grow neither the memory nor the disk", async (t) => {
  const system = systemClock({ keepsAlive: true });
  let later = 0;
  const clock = { ...system, monotonic: () => system.monotonic() + later };
  const { server, git, directory } = await startBench(t, { clock });
  const files = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`d${i % 9}/f${i}.yaml`, `v: ${i}\n`.repeat(40)]),
  );
  const repository = await server.create("a", files);
  const { url } = repository;
  const round = async (i: number): Promise<void> => {
    server.reset();
    await repository.commit(
      { [`d1/f${1 + 9 * (i % 20)}.yaml`]: `changed ${i}\n`.repeat(40) },
      { parent: await repository.head() },
    );
    const { commit } = await resolveAndFetch(git, { url }, main);
    const snapshot = await git.snapshot({ url, commit });
    await snapshot.load(Object.keys(files));
    snapshot.release();
  };
  await round(0);
  later = 3_600_000;
  for (let i = 1; i <= 100; i++) await round(i);
  const before = { heap: heapBytes(), disk: await diskBytes(join(directory, "git")) };
  for (let i = 101; i <= 400; i++) await round(i);
  const after = { heap: heapBytes(), disk: await diskBytes(join(directory, "git")) };
  t.diagnostic(JSON.stringify({ before, after }));
  assert.ok(after.heap < before.heap + 8_000_000, "the heap is flat");
  assert.ok(after.disk < before.disk * 2 + 500_000, "the disk is bounded");
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // what the flag defines

function heapBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function diskBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined); // git may just remove it
    bytes += found?.size ?? 0;
  }
  return bytes;
}
