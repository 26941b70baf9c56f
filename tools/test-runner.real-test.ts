// The test runner itself: its closing lines and exit codes, on small trees made for it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type TestContext, test } from "node:test";

const checkout = resolve(import.meta.dirname, "..");

interface Outcome {
  code: number | null;
  /** The lines after the tests' own output. */
  closing: string[];
}

function runIn(
  t: TestContext,
  files: Record<string, string>,
  args: string[],
  env: Record<string, string> = {},
): Outcome {
  const folder = mkdtempSync(join(tmpdir(), "plumbline-runner-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({ "package.json": `{"type":"module"}`, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `import { test } from "node:test";\n${text}`.replace(/^.*\n(?=\{)/, ""));
  }
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
  // A test process marks its children as test processes, which keep quiet.
  const { NODE_TEST_CONTEXT: _, PLUMBLINE_CORPUS: __, ...rest } = process.env;
  const command = [join(checkout, "tools/test.ts"), ...args];
  const { status, stdout } = spawnSync(process.execPath, command, {
    cwd: folder,
    encoding: "utf8",
    env: { ...rest, ...env },
  });
  const lines = stdout.trimEnd().split("\n");
  const closing = lines.slice(lines.lastIndexOf("") + 1).map((line) => line.replace(/\d+\.\d s/, "T s"));
  return { code: status, closing };
}

const passes = `test("passes", () => {});\n`;
const fails = `test("fails", () => { throw new RangeError("on purpose"); });\n`;

test("the closing lines count, and a failure is a failure", (t) => {
  const files = {
    "core/a.test.ts": passes + passes,
    "core/b.test.ts": fails,
    "core/c.test.ts": `test("later", { skip: "not yet" }, () => {});\n`,
  };
  assert.deepEqual(runIn(t, files, ["fast"]), {
    code: 1,
    closing: ["fast: 2 passed, 1 failed, 1 skipped (T s)", "  skipped: later: not yet", "2 passed, 1 failed"],
  });
  assert.deepEqual(runIn(t, files, ["fast", "core/a"]), {
    code: 0,
    closing: ["fast: 2 passed, 0 failed (T s)", "2 passed, 0 failed"],
  });
});

test("tests without their corpus are counted apart", (t) => {
  const needsCorpus = `import { corpusTest } from "@plumbline/testkit/corpus";
corpusTest("charts", "reads a chart", () => {});\n`;
  const files = { "core/a.test.ts": passes + needsCorpus };
  assert.deepEqual(runIn(t, files, ["fast"]), {
    code: 0,
    closing: ["fast: 1 passed, 0 failed (T s)", "corpus: NOT RUN (1)", "1 passed, 0 failed"],
  });
});

test("a file that does not load is a failure", (t) => {
  const { code, closing } = runIn(t, { "core/a.test.ts": `import "./absent.ts";\n` }, ["fast"]);
  assert.equal(code, 1);
  assert.match(closing.join("\n"), /fast: (0 passed, 1 failed|BROKEN)/);
});

test("without Go the real tests are not run, which one line says, and that is a failure", (t) => {
  const outcome = runIn(t, { "core/a.real-test.ts": passes }, ["real"], { PATH: "/nowhere" });
  assert.deepEqual(outcome, {
    code: 1,
    closing: [
      "real: NOT RUN: Go is not installed, and testing against the real programs needs it. " +
        "Install Go 1.26 or newer from https://go.dev/dl and put `go` on the PATH",
      "0 passed, 0 failed",
    ],
  });
});

test("real tests that ask for the shared cluster get the address of one", (t) => {
  const asks = `import { apiRequest, sharedCluster } from "@plumbline/testkit/control-plane";
import assert from "node:assert/strict";
test("the shared cluster answers", async () => {
  assert.ok(process.env.PLUMBLINE_TEST_KUBECONFIG);
  assert.equal((await apiRequest(await sharedCluster(), { path: "/readyz" })).status, 200);
});\n`;
  const outcome = runIn(t, { "core/a.real-test.ts": asks, "edges/b.real-test.ts": asks }, ["real"]);
  assert.deepEqual(outcome, { code: 0, closing: ["real: 2 passed, 0 failed (T s)", "2 passed, 0 failed"] });
});

test("an unknown suite is refused", (t) => {
  assert.equal(runIn(t, {}, ["quick"]).code, 2);
});
