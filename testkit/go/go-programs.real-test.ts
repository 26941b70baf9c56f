// Building Go programs: the cache, its key, two builders at once, and what goes wrong.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { buildGoProgram, goInstall, helmBinary, kustomizeBinary } from "./index.ts";

const run = promisify(execFile);
const checkout = join(import.meta.dirname, "../..");
const hello = "testkit/go/testdata/hello";

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "plumbline-go-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of the hello module that a test may change, as a path relative to the checkout. */
async function copyOfHello(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  await cp(join(checkout, hello), folder, { recursive: true });
  return relative(checkout, folder);
}

/** Builds hello in another process and gives what it printed. */
async function buildElsewhere(
  env: Record<string, string>,
  module = hello,
): Promise<{ stdout: string; stderr: string }> {
  const script = `
    import { buildGoProgram } from "@plumbline/testkit/go";
    import { formatFailure } from "@plumbline/core/model";
    try {
      console.log(await buildGoProgram({ module: ${JSON.stringify(module)}, package: ".", name: "hello" }));
    } catch (failure) {
      console.log(formatFailure(failure));
    }`;
  const args = ["--input-type=module", "-e", script];
  return run(process.execPath, args, { cwd: import.meta.dirname, env: { ...process.env, ...env } });
}

test("buildGoProgram() builds with the given linker flags, and once", async () => {
  const program = { module: hello, package: ".", name: "hello", ldflags: "-X main.greeted=world" };
  const file = await buildGoProgram(program);
  assert.equal((await run(file)).stdout, "hello world\n");
  assert.equal(await buildGoProgram(program), file);
});

test("buildGoProgram() builds anew when a source, the flags or nothing but the name of a file changes", async (t) => {
  const module = await copyOfHello(t);
  const program = { module, package: ".", name: "hello" };
  const first = await buildGoProgram(program);
  await appendFile(join(checkout, module, "main.go"), "\n// changed\n");
  const second = await buildGoProgram(program);
  const third = await buildGoProgram({ ...program, ldflags: "-X main.greeted=you" });
  await cp(join(checkout, module, "main.go"), join(checkout, module, "other.go"));
  await rm(join(checkout, module, "main.go"));
  const fourth = await buildGoProgram(program);
  assert.equal(new Set([first, second, third, fourth]).size, 4);
});

test("two processes with an empty cache build once and get the same path", async (t) => {
  const env = { PLUMBLINE_CACHE: await temporaryFolder(t) };
  const answers = await Promise.all([buildElsewhere(env), buildElsewhere(env), buildElsewhere(env)]);
  assert.equal(new Set(answers.map((answer) => answer.stdout)).size, 1);
  const said = answers.map((answer) => answer.stderr).join("");
  assert.equal(said.match(/building hello \(first time/g)?.length, 1, said);
  const left = await readdir(join(env.PLUMBLINE_CACHE, "go", "hello"));
  assert.equal(left.filter((name) => name.endsWith(".building")).length, 0);
});

test("old versions are removed when there are many, the one just built never", async (t) => {
  const env = { PLUMBLINE_CACHE: await temporaryFolder(t) };
  const module = await copyOfHello(t);
  const paths: string[] = [];
  for (let version = 1; version <= 7; version++) {
    await appendFile(join(checkout, module, "main.go"), `\n// version ${version}\n`);
    paths.push((await buildElsewhere(env, module)).stdout.trim());
  }
  assert.deepEqual(
    paths.map((path) => existsSync(path)),
    [false, false, true, true, true, true, true],
  );
  const left = await readdir(join(env.PLUMBLINE_CACHE, "go", "hello"));
  assert.equal(left.length, 10, left.join());
});

test("without Go one line says what to install", async (t) => {
  const { stdout, stderr } = await buildElsewhere({ PATH: "/nowhere", PLUMBLINE_CACHE: await temporaryFolder(t) });
  assert.equal(
    stdout,
    "Go is not installed, and building hello needs it. " +
      "Install Go 1.26 or newer from https://go.dev/dl and put `go` on the PATH\n",
  );
  assert.equal(stderr, "");
});

test("a program that does not compile fails with Go's words, and is tried again next time", async (t) => {
  const module = await copyOfHello(t);
  await appendFile(join(checkout, module, "main.go"), "\nfunc broken() { undefinedName() }\n");
  const build = (): Promise<string> => buildGoProgram({ module, package: ".", name: "hello" });
  await assert.rejects(build, { name: "Failure", reason: "BuildFailed", message: /undefined: undefinedName/ });
  await assert.rejects(build, { name: "Failure", reason: "BuildFailed" });
});

test("goInstall() says which version does not exist", async () => {
  const install = (): Promise<string> =>
    goInstall("sigs.k8s.io/kustomize/kustomize/v5@v5.999.0", { name: "kustomize" });
  await assert.rejects(install, { name: "Failure", reason: "BuildFailed", message: /v5\.999\.0/ });
});

test("kustomize and helm say the version of their release", async () => {
  assert.equal((await run(await kustomizeBinary(), ["version"])).stdout, "v5.8.1\n");
  const { stdout } = await run(await helmBinary(), ["version", "--template", "{{.Version}} {{.KubeClientVersion}}"]);
  assert.equal(stdout, "v4.3.1 v1.37");
});
