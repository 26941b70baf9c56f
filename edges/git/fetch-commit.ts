// Brings one commit into a cache repository, with as little history as the server allows.

import type { GitRef } from "@plumbline/core/model";
import { chooseForm } from "@plumbline/core/source";
import { GitExit, type GitProgram, type GitRun, runGit } from "./git-program.ts";
import { withPackLimit } from "./pack-limit.ts";

/** References that keep a revision's objects alive; a commit is in the cache exactly when it has one. */
export const KEEP_PREFIX = "refs/plumbline/keep/";

export interface FetchPlan {
  url: string;
  ref: GitRef;
  commit: string;
  run: Omit<GitRun, "args">;
  /** Largest pack. */
  maxBytes: number;
}

/** Where a reference is fetched to when the commit itself cannot be asked for. */
const TEMPORARY = "refs/plumbline/fetch/";

/**
 * Asks for exactly this commit, without history; what is already here is not sent again. Servers that hand out only
 * what they advertise, or that know no shallow fetches, are asked for the reference instead, at last with its history.
 * Throws `GitExit`.
 */
export async function fetchCommit(git: GitProgram, directory: string, plan: FetchPlan): Promise<void> {
  const keep = `${KEEP_PREFIX}${plan.commit}`;
  let refusal: GitExit;
  try {
    return await fetch(git, directory, plan, ["--depth=1", `+${plan.commit}:${keep}`]);
  } catch (error) {
    if (!(error instanceof GitExit) || !/unadvertised object|does not support shallow/i.test(error.stderr)) throw error;
    refusal = error;
  }
  const source = refToFetch(plan.ref);
  const refspec = `+${source}:${TEMPORARY}${source.endsWith("*") ? "*" : "0"}`;
  try {
    for (const depth of /support shallow/i.test(refusal.stderr) ? [[]] : [["--depth=1"], ["--depth=2147483647"]]) {
      await fetch(git, directory, plan, [...depth, refspec]);
      if (await keepIfHere(git, directory, plan.commit)) return;
    }
  } finally {
    await dropTemporary(git, directory);
  }
  throw refusal;
}

/** The reference that leads to the commit; for a pinned one its branch or all branches. */
function refToFetch(ref: GitRef): string {
  if (ref.commit) return ref.branch ? `refs/heads/${ref.branch}` : "refs/heads/*";
  const choice = chooseForm(ref);
  return "name" in choice ? choice.name : "refs/tags/*";
}

async function fetch(git: GitProgram, directory: string, plan: FetchPlan, args: readonly string[]): Promise<void> {
  const options = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-gc"];
  const [refspec = ""] = args.slice(-1);
  const all = ["fetch", ...options, ...args.slice(0, -1), "--end-of-options", plan.url, refspec];
  const limit = { clock: git.clock, directory, maxBytes: plan.maxBytes, signal: plan.run.signal };
  await withPackLimit(limit, (signal) => runGit(git, { ...plan.run, signal, args: all, gitDirectory: directory }));
}

async function keepIfHere(git: GitProgram, directory: string, commit: string): Promise<boolean> {
  const local = { gitDirectory: directory, timeoutMs: 60_000 };
  try {
    // Refuses an id whose object is missing.
    await runGit(git, { ...local, args: ["update-ref", `${KEEP_PREFIX}${commit}`, commit] });
    return true;
  } catch (error) {
    if (error instanceof GitExit) return false;
    throw error;
  }
}

async function dropTemporary(git: GitProgram, directory: string): Promise<void> {
  const local = { gitDirectory: directory, timeoutMs: 60_000 };
  const list = await runGit(git, { ...local, args: ["for-each-ref", "--format=%(refname)", TEMPORARY] });
  for (const name of list.stdout.toString("utf8").split("\n")) {
    if (name !== "") await runGit(git, { ...local, args: ["update-ref", "-d", name] });
  }
}
