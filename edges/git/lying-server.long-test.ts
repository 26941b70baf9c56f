// A server whose answers are cut or changed at any byte: always a Failure or the right content, and always recovered from.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import type { Fault } from "@plumbline/testkit/git-server";
import { resolveAndFetch, startBench } from "./testing/bench.ts";

const ROUNDS = 300;
/** About the length of each answer. */
const lengths = [["info/refs", 180], ["ls-refs", 130], ["fetch", 2600]] as const; // prettier-ignore

/** The same rounds each time (a linear congruential generator). */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) % sides;
}

test("no answer of a server makes us hang, crash or read something else", async (t) => {
  const { server, reopen } = await startBench(t);
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`d${i % 5}/f${i}.yaml`, `v: ${i}\n`.repeat(i * 5 + 1)]),
  );
  const repository = await server.create("a", files);
  await repository.tag("v1.0.0", { message: "x" });
  const dice = createDice(7);
  let failures = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const [on, length] = lengths[round % 3] ?? lengths[0];
    const at = dice(length);
    const fault: Fault = dice(3) === 0 ? { kind: "truncate", bytes: at, on } : { kind: "corrupt", at, on };
    const ref = round % 2 === 0 ? { branch: "main" } : { tag: "v1.0.0" };
    // An identity of its own gives each round an empty cache.
    const remote = { url: repository.url, identity: `round ${round}` };
    const git = reopen();
    const read = async (): Promise<string> => {
      const { commit } = await resolveAndFetch(git, remote, ref);
      const snapshot = await git.snapshot({ ...remote, commit });
      await snapshot.load(["d0/f5.yaml"]);
      return Buffer.from(snapshot.read("d0/f5.yaml")).toString("utf8");
    };
    server.fault = fault;
    const outcome: unknown = await read().catch((error: unknown) => error);
    if (outcome instanceof Failure) failures++;
    else assert.equal(outcome, files["d0/f5.yaml"], JSON.stringify(fault));
    server.fault = undefined;
    assert.equal(await read(), files["d0/f5.yaml"], `after ${JSON.stringify(fault)}`);
    await git.close();
  }
  assert.ok(failures > ROUNDS / 4, `the faults hit too rarely: ${failures}`);
});

test("fifty remotes at once, each polled, fetched and read while it changes", async (t) => {
  const { server, git } = await startBench(t);
  const main = { branch: "main" };
  const work = async (i: number): Promise<void> => {
    const repository = await server.create(`r${i}`, { "a.yaml": `${i}-0` });
    for (let version = 1; version <= 5; version++) {
      const pushed = await repository.commit({ "a.yaml": `${i}-${version}` });
      const askers = Array.from({ length: 4 }, () => resolveAndFetch(git, { url: repository.url }, main));
      for (const { commit } of await Promise.all(askers)) {
        assert.equal(commit, pushed);
        const snapshot = await git.snapshot({ url: repository.url, commit });
        await snapshot.load(["a.yaml"]);
        assert.equal(Buffer.from(snapshot.read("a.yaml")).toString("utf8"), `${i}-${version}`);
        snapshot.release();
      }
    }
  };
  await Promise.all(Array.from({ length: 50 }, (_, i) => work(i)));
  const { "ls-refs": polls, fetch } = server.counts();
  assert.equal(fetch, 250, "one fetch per commit");
  assert.equal(polls, 250, "one poll for the four who asked together");
});
