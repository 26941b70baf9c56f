// Revisions and archives beside the libraries that Flux's source-controller is made of, from one real Git server.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import type { GitRef } from "@plumbline/core/model";
import { openArtifactStore } from "@plumbline/edges/artifact";
import { openRecords } from "@plumbline/edges/disk";
import { openGitCache } from "@plumbline/edges/git";
import type { Content } from "@plumbline/edges/git-http";
import { systemClock } from "@plumbline/edges/telemetry";
import { corpusTest } from "@plumbline/testkit/corpus";
import { startTestGitServer, type TestRepository } from "@plumbline/testkit/git-server";
import { buildGoProgram } from "@plumbline/testkit/go";

let program = "";
before(async () => {
  const module = "conformance/oracle-flux-source";
  program = await buildGoProgram({ module, package: ".", name: "oracle-flux-source", about: "1 min" });
});

interface Outcome {
  revision: string;
  tar: Buffer;
}

interface Case {
  ref: GitRef;
  ignore?: string;
}

interface Bench {
  create: (name: string, files: Record<string, Content>) => Promise<TestRepository>;
  ours: (url: string, what: Case) => Promise<Outcome>;
  flux: (url: string, what: Case) => Promise<Outcome>;
}

async function startBench(t: TestContext): Promise<Bench> {
  const server = await startTestGitServer();
  const directory = await mkdtemp(join(tmpdir(), "plumbline-flux-source-"));
  const clock = systemClock({ keepsAlive: true });
  const git = openGitCache({
    directory: join(directory, "git"),
    clock,
    records: openRecords({ directory: join(directory, "r") }),
  });
  const store = openArtifactStore({ directory: join(directory, "artifacts"), clock });
  t.after(async () => {
    await git.close();
    await server.close();
    await rm(directory, { recursive: true, force: true });
  });
  return {
    create: (name, files) => server.create(name, files),
    async ours(url, { ref, ignore }) {
      const { commit, revision } = await git.resolve({ url, ref });
      await git.fetch({ url, ref, commit });
      const snapshot = await git.snapshot({ url, commit, ...(ignore === undefined ? {} : { ignore }) });
      const artifact = await store.store({ namespace: "ns", name: "n", revision, snapshot });
      snapshot.release();
      return { revision, tar: gunzipSync(await readFile(join(directory, "artifacts", artifact.path))) };
    },
    async flux(url, { ref, ignore }) {
      const work = await mkdtemp(join(directory, "flux-"));
      const archive = join(work, "archive.tar.gz");
      const args = [url, join(work, "src"), archive, JSON.stringify(ref), ...(ignore === undefined ? [] : [ignore])];
      const { stdout } = await promisify(execFile)(program, args);
      const answer = JSON.parse(stdout) as { revision: string; error: string };
      assert.equal(answer.error, "", JSON.stringify(ref));
      return { revision: answer.revision, tar: gunzipSync(await readFile(archive)) };
    },
  };
}

test("revision strings for every form of reference, alone and together", async (t) => {
  const bench = await startBench(t);
  const repository = await bench.create("refs", { "a.yaml": "1" });
  await repository.setRef("refs/heads/master", await repository.head());
  await repository.tag("v1.0.0", { message: "annotated" });
  const second = await repository.commit({ "a.yaml": "2" });
  await repository.tag("1.2.0");
  await repository.commit({ "a.yaml": "3" }, { branch: "feature/x", parent: second });
  await repository.tag("v2.0.0-rc.1", { branch: "feature/x" });
  await repository.tag("v9");
  await repository.setRef("refs/pull/7/head", second);
  const refs: GitRef[] = [
    {},
    { branch: "main" },
    { branch: "feature/x" },
    { tag: "v1.0.0" },
    { tag: "1.2.0" },
    { semver: "*" },
    { semver: ">=1.0.0-0" },
    { semver: "~1.0" },
    { name: "refs/heads/main" },
    { name: "refs/tags/v1.0.0" },
    { name: "refs/tags/v1.0.0^{}" },
    { name: "refs/pull/7/head" },
    { commit: second },
    { branch: "main", commit: second },
    { branch: "main", tag: "v1.0.0" },
    { tag: "v1.0.0", semver: "1.2.x" },
    { branch: "main", semver: "1.x" },
    { semver: "1.2.x", name: "refs/heads/main" },
    { name: "refs/heads/main", commit: second },
  ];
  for (const ref of refs) {
    const [ours, flux] = [await bench.ours(repository.url, { ref }), await bench.flux(repository.url, { ref })];
    assert.equal(ours.revision, flux.revision, JSON.stringify(ref));
    assert.ok(ours.tar.equals(flux.tar), JSON.stringify(ref));
  }
});

const awkward: Record<string, Content> = {
  "a.yaml": "x: 1\n",
  "empty.yaml": "",
  "b/c.yaml": "y",
  "b/deep/er/d.yaml": "z",
  "b/pic.png": "p",
  "b-x/z": "1",
  "b.yaml": "order: b, b-x and b.yaml\n",
  "exe/run.sh": { executable: "#!/bin/sh\n" },
  link: { symlink: "a.yaml" },
  "links/only": { symlink: "../a.yaml" },
  module: { submodule: "1".repeat(40) },
  "media/only.jpg": "j",
  ".github/workflows/ci.yaml": "ci",
  ".gitignore": "b/",
  "b/.gitattributes": "* text",
  ".sops.yaml": "s",
  "ünïcode/ß.yaml": "u",
  [`${"d".repeat(60)}/${"e".repeat(60)}/${"f".repeat(90)}.yaml`]: "prefix",
  ["g".repeat(120)]: "pax",
  ["é".repeat(60)]: "pax",
  [`${"a/".repeat(45)}é.yaml`]: "pax",
  "block.bin": "x".repeat(512),
  "big.bin": "0123456789".repeat(600_000),
};

test("archives are byte for byte those of Flux before compression, under all kinds of ignore rules", async (t) => {
  const bench = await startBench(t);
  const variants: Record<string, Content>[] = [
    {},
    { ".sourceignore": "*.yaml\n!/a.yaml\n" },
    { "b/.sourceignore": "deep/\n# comment\n\n", "b/deep/.sourceignore": "!er/\n" },
    { ".sourceignore": "b/**\r\n**/er\n[\n" },
  ];
  const ignores = [
    undefined,
    "",
    "b/\n!b/c.yaml\n",
    "/*\n!/b\n*.png",
    "**/*.yaml\n",
    "b/**\n!b/deep/**\n",
    "exe\nmodule\n",
  ];
  for (const [i, extra] of variants.entries()) {
    const { url } = await bench.create(`v${i}`, { ...awkward, ...extra });
    for (const ignore of ignores) {
      const what = { ref: { branch: "main" }, ...(ignore === undefined ? {} : { ignore }) };
      const [ours, flux] = [await bench.ours(url, what), await bench.flux(url, what)];
      assert.ok(ours.tar.equals(flux.tar), JSON.stringify({ extra, ignore }));
    }
  }
});

corpusTest("repos", "archives of real repositories are Flux's", async (folder, t) => {
  const bench = await startBench(t);
  for (const name of await readdir(folder)) {
    const repository = await bench.create(name.replace(/[^A-Za-z0-9._-]/g, "-"), {});
    await repository.commitFolder(join(folder, name));
    for (const ignore of [undefined, "/*\n!/apps\n!/kubernetes\n", "**/*.md\ntest*/"]) {
      const what = { ref: { branch: "main" }, ...(ignore === undefined ? {} : { ignore }) };
      const [ours, flux] = [await bench.ours(repository.url, what), await bench.flux(repository.url, what)];
      assert.equal(ours.revision, flux.revision);
      assert.ok(ours.tar.equals(flux.tar), `${name} with ${JSON.stringify(ignore)}`);
    }
  }
});
