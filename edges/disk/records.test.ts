// Records on disk: whole, versioned, checksummed.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openRecords, parseRecord, type Records } from "./index.ts";

async function startRecords(t: TestContext): Promise<{ records: Records; directory: string; damaged: string[] }> {
  const parent = await mkdtemp(join(tmpdir(), "plumbline-records-"));
  t.after(() => rm(parent, { recursive: true, force: true }));
  const directory = join(parent, "records");
  const damaged: string[] = [];
  return {
    records: openRecords({ directory, onDamaged: (name, why) => damaged.push(`${name}: ${why}`) }),
    directory,
    damaged,
  };
}

test("a value comes back, also for another reader", async (t) => {
  const { records, directory } = await startRecords(t);
  assert.equal(await records.read("a"), undefined);
  await records.write("a", { commit: "1", list: [1, null, "ü"] });
  await records.write("a", { commit: "2" });
  assert.deepEqual(await openRecords({ directory }).read("a"), { commit: "2" });
  assert.equal((await stat(join(directory, "a"))).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(directory), ["a"], "no temporary file stays");
  await records.remove("a");
  assert.equal(await records.read("a"), undefined);
});

test("a file that is cut, changed or of another version counts as absent and is reported", async (t) => {
  const { records, directory, damaged } = await startRecords(t);
  await records.write("a", { commit: "1" });
  const file = join(directory, "a");
  const good = await readFile(file);
  for (const bad of [
    good.subarray(0, good.length - 1),
    good.subarray(0, 10),
    Buffer.alloc(0),
    Buffer.from(good.toString().replace('"1"', '"2"')),
    Buffer.from(good.toString().replace("plumbline-record 1", "plumbline-record 2")),
  ]) {
    await writeFile(file, bad);
    assert.equal(await records.read("a"), undefined, bad.toString());
  }
  assert.equal(damaged.length, 5);
  assert.match(damaged[4] ?? "", /written in format 2, this program reads 1/);
  assert.deepEqual(parseRecord(good), { value: { commit: "1" } });
});

test("writers of one record do not mix", async (t) => {
  const { records } = await startRecords(t);
  await Promise.all(Array.from({ length: 20 }, (_, i) => records.write("a", { i, text: "x".repeat(1000 * i) })));
  const value = (await records.read("a")) as { i: number; text: string };
  assert.equal(value.text.length, value.i * 1000);
});

test("names cannot lead out of the folder", async (t) => {
  const { records } = await startRecords(t);
  for (const name of ["../a", "a/b", "", ".a", "A", "a\0", "x".repeat(300), "a.tmp"]) {
    await assert.rejects(records.read(name), RangeError, name);
  }
});
