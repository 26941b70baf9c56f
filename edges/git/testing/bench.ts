// What the tests of this room share: a cache in a temporary folder, beside a real Git server.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Failure, type GitRef, type Reason } from "@plumbline/core/model";
import type { Resolved } from "@plumbline/core/source";
import { openRecords } from "@plumbline/edges/disk";
import { systemClock } from "@plumbline/edges/telemetry";
import { startTestGitServer, type TestGitServer } from "@plumbline/testkit/git-server";
import type { GitCache, GitCacheOptions, GitRemote } from "../door.ts";
import { openGitCache } from "../git-cache.ts";

export interface Bench {
  server: TestGitServer;
  directory: string;
  git: GitCache;
  /** Another cache object over the same folder, as after a restart. */
  reopen: (options?: Partial<GitCacheOptions>) => GitCache;
}

export async function startBench(t: TestContext, options: Partial<GitCacheOptions> = {}): Promise<Bench> {
  const server = await startTestGitServer();
  const directory = await mkdtemp(join(tmpdir(), "plumbline-git-cache-"));
  const opened: GitCache[] = [];
  const reopen = (more: Partial<GitCacheOptions> = {}): GitCache => {
    const records = openRecords({ directory: join(directory, "records") });
    const clock = systemClock({ keepsAlive: true });
    const cache = openGitCache({ directory: join(directory, "git"), clock, records, ...options, ...more });
    opened.push(cache);
    return cache;
  };
  t.after(async () => {
    for (const cache of opened) await cache.close();
    await server.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { server, directory, git: reopen(), reopen };
}

export async function resolveAndFetch(git: GitCache, remote: GitRemote, ref: GitRef): Promise<Resolved> {
  const resolved = await git.resolve({ ...remote, ref });
  await git.fetch({ ...remote, ref, commit: resolved.commit });
  return resolved;
}

/** Asserts the reason and returns the failure for more. */
export async function failureOf(work: Promise<unknown>, reason: Reason): Promise<Failure> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Failure, `expected a Failure, got ${String(thrown)}`);
  assert.equal(thrown.reason, reason, thrown.message);
  assert.ok(thrown.hint, "a failure says the next step");
  return thrown;
}
