// A cache whose files were changed on the disk: read as what was committed, or not at all.

import assert from "node:assert/strict";
import { cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { type Bench, failureOf, resolveAndFetch, startBench } from "./testing/bench.ts";

const main = { branch: "main" };
const files: Readonly<Record<string, string>> = {
  "a.yaml": "a: 1\n",
  "b.yaml": "b: 2\n",
  "d/a.yaml": "d: 3\n",
  "e/a.yaml": "e: 4\n",
};
const FLIPS = 20;
/** Of all pairs of objects, every so many. */
const SWAP_EVERY = 3;

async function read(git: Bench["git"], url: string, commit: string): Promise<Record<string, string>> {
  const snapshot = await git.snapshot({ url, commit });
  await snapshot.load(Object.keys(files));
  return Object.fromEntries(
    Object.keys(files).map((path) => [path, Buffer.from(snapshot.read(path)).toString("utf8")]),
  );
}

interface Damaged extends Bench {
  url: string;
  commit: string;
  packs: string[];
  /** Puts the undamaged cache back. */
  restore: () => Promise<void>;
  /** Reads through a new cache object: content, or the failure; then checks that the cache heals. */
  attempt: (what: string) => Promise<"right" | "refused">;
}

async function startDamaged(t: Parameters<typeof startBench>[0]): Promise<Damaged> {
  const bench = await startBench(t, { blobCacheBytes: 0 });
  const { url } = await bench.server.create("a", files);
  const { commit } = await resolveAndFetch(bench.git, { url }, main);
  await bench.git.close();
  const folder = join(bench.directory, "git");
  const good = join(bench.directory, "good");
  await cp(folder, good, { recursive: true });
  const names = await readdir(folder, { recursive: true });
  const packs = names.filter((name) => /\.(pack|idx)$/.test(name)).map((name) => join(folder, name));
  const attempt = async (what: string): Promise<"right" | "refused"> => {
    const git = bench.reopen();
    const outcome: unknown = await read(git, url, commit).catch((error: unknown) => error);
    if (outcome instanceof Failure) {
      await resolveAndFetch(git, { url }, main);
      assert.deepEqual(await read(git, url, commit), files, `healed after ${what}`);
    } else assert.deepEqual(outcome, files, what);
    await git.close();
    return outcome instanceof Failure ? "refused" : "right";
  };
  const restore = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    await cp(good, folder, { recursive: true });
  };
  return { ...bench, url, commit, packs, restore, attempt };
}

test("an index that leads to another object is noticed: git itself would hand that out", async (t) => {
  const { packs, restore, attempt } = await startDamaged(t);
  const index = packs.find((name) => name.endsWith(".idx")) ?? "";
  const good = await readFile(index);
  const count = good.readUInt32BE(8 + 255 * 4);
  const offsets = 8 + 1024 + count * 24;
  let refused = 0;
  let swaps = 0;
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      if ((i + j) % SWAP_EVERY !== 0) continue;
      swaps++;
      const bad = Buffer.from(good);
      bad.writeUInt32BE(good.readUInt32BE(offsets + j * 4), offsets + i * 4);
      bad.writeUInt32BE(good.readUInt32BE(offsets + i * 4), offsets + j * 4);
      await restore();
      await writeFile(index, bad);
      if ((await attempt(`objects ${i} and ${j} swapped`)) === "refused") refused++;
    }
  }
  assert.equal(refused, swaps, "every object is read, so every swap shows");
});

test("a large file that is streamed is checked as well, at its end", async (t) => {
  const { server, git, directory, reopen } = await startBench(t);
  const size = 100_000;
  const { url } = await server.create("a", { "x.bin": "x".repeat(size), "y.bin": "y".repeat(size) });
  const { commit } = await resolveAndFetch(git, { url }, main);
  const snapshot = await git.snapshot({ url, commit });
  const ids = ["x.bin", "y.bin"].map((path) => snapshot.id(path) ?? "");
  await git.close();
  const names = await readdir(join(directory, "git"), { recursive: true });
  const index = join(directory, "git", names.find((name) => name.endsWith(".idx")) ?? "");
  const bytes = await readFile(index);
  const count = bytes.readUInt32BE(8 + 255 * 4);
  const listed = Array.from({ length: count }, (_, i) => bytes.toString("hex", 1032 + i * 20, 1052 + i * 20));
  const [x, y] = ids.map((id) => 1032 + count * 24 + listed.indexOf(id) * 4) as [number, number]; // there are two
  const [atX, atY] = [bytes.readUInt32BE(x), bytes.readUInt32BE(y)];
  bytes.writeUInt32BE(atY, x);
  bytes.writeUInt32BE(atX, y);
  await writeFile(index, bytes);
  const again = reopen();
  const stream = async (): Promise<string> => {
    let text = "";
    for await (const part of (await again.snapshot({ url, commit })).stream("x.bin"))
      text += Buffer.from(part).toString("latin1");
    return text;
  };
  await failureOf(stream(), "StorageOperationFailed");
  await resolveAndFetch(again, { url }, main);
  assert.equal(await stream(), "x".repeat(size), "healed");
});

test("a byte that flipped, or an end that is missing, anywhere in the cache's packs: the right content or none", async (t) => {
  const { packs, restore, attempt } = await startDamaged(t);
  let refused = 0;
  for (let flip = 0; flip < FLIPS; flip++) {
    const file = packs[flip % packs.length] ?? "";
    await restore();
    const bytes = await readFile(file);
    const at = Math.floor((bytes.length * flip) / FLIPS);
    if (flip % 5 === 4) await truncate(file, at);
    else {
      bytes[at] = (bytes[at] ?? 0) ^ 0xff;
      await writeFile(file, bytes);
    }
    if ((await attempt(`${file} at ${at}`)) === "refused") refused++;
  }
  assert.ok(refused > 0, "no damage hit");
});
