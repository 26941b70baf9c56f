// The Git server with a real git on the other side.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { createBareRepository, startGitServer } from "./index.ts";

async function startFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "plumbline-git-http-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function git(...args: string[]): Promise<string> {
  const identity = ["-c", "user.name=x", "-c", "user.email=x@x.invalid"];
  const { stdout } = await promisify(execFile)("git", [...identity, ...args], {
    env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
  });
  return stdout.trim();
}

test("a folder becomes a repository that git clones, links, modes and odd names included", async (t) => {
  const folder = await startFolder(t);
  const source = join(folder, "source");
  await mkdir(join(source, "sub"), { recursive: true });
  await mkdir(join(source, ".git"));
  await writeFile(join(source, ".git", "config"), "not this");
  await writeFile(join(source, 'odd "name"\n.txt'), "odd");
  await writeFile(join(source, "sub", "run.sh"), "#!/bin/sh\n");
  await chmod(join(source, "sub", "run.sh"), 0o755);
  await symlink("sub/run.sh", join(source, "link"));
  const repository = await createBareRepository(join(folder, "root", "team", "fleet.git"));
  const id = await repository.commitFolder(source, { message: "Grüße" });
  const server = await startGitServer({ root: join(folder, "root") });
  t.after(() => server.close());
  const clone = join(folder, "clone");
  await git("clone", "--quiet", `${server.url}/team/fleet.git`, clone);
  assert.equal(await git("-C", clone, "rev-parse", "HEAD"), id);
  assert.equal(await git("-C", clone, "log", "-1", "--format=%s"), "Grüße");
  assert.equal(await readFile(join(clone, 'odd "name"\n.txt'), "utf8"), "odd");
  assert.equal(await readlink(join(clone, "link")), "sub/run.sh");
  assert.equal((await stat(join(clone, "sub", "run.sh"))).mode & 0o111, 0o111);
});

test("commits build on each other, delete, start anew and go back", async (t) => {
  const repository = await createBareRepository(join(await startFolder(t), "a.git"));
  const files = (): Promise<string> => repository.git("ls-tree", "-r", "--name-only", "main");
  const first = await repository.commit({ "a/b": "1", c: "1" });
  await repository.commit({ "a/b": null, d: "1" });
  assert.equal(await files(), "c\nd");
  await repository.commit({ e: "1" }, { fresh: true });
  assert.equal(await files(), "e");
  const forced = await repository.commit({ f: "1" }, { parent: first });
  assert.equal(await files(), "a/b\nc\nf");
  assert.equal(await repository.head(), forced);
  await repository.commit({ g: "1" }, { branch: "other", parent: first });
  await repository.deleteRef("refs/heads/other");
  await assert.rejects(repository.head("other"));
  const twin = await createBareRepository(join(await startFolder(t), "b.git"));
  assert.equal(await twin.commit({ "a/b": "1", c: "1" }), first, "the same commands give the same ids");
});

test("the server only serves fetches of repositories below its folder", async (t) => {
  const folder = await startFolder(t);
  await createBareRepository(join(folder, "outside.git"));
  const repository = await createBareRepository(join(folder, "root", "a.git"));
  await repository.commit({ a: "1" });
  const server = await startGitServer({ root: join(folder, "root") });
  t.after(() => server.close());
  const clone = join(folder, "clone");
  await git("clone", "--quiet", `${server.url}/a.git`, clone);
  await git("-C", clone, "commit", "--quiet", "--allow-empty", "-m", "x");
  await assert.rejects(git("-C", clone, "push", "--quiet"));
  for (const path of [
    "/",
    "/a.git/config",
    "/a.git/HEAD",
    "/a.git/info/refs",
    "/a.git/info/refs?service=git-receive-pack",
    "/a.git/git-receive-pack",
    "/..%2foutside.git/info/refs?service=git-upload-pack",
    "/a.git/../../outside.git/info/refs?service=git-upload-pack",
    "/.git/info/refs?service=git-upload-pack",
    "/nowhere.git/info/refs?service=git-upload-pack",
  ]) {
    assert.equal((await fetch(server.url + path)).status, 404, path);
  }
});
