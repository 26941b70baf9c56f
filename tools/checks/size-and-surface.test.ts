// Sizes and the public surface: the checks can fail, and name what is wrong.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { checkPublicSurface, publicSurface } from "./public-surface.ts";
import { checkSizes, readDiagnostics } from "./size-budget.ts";

const short = Array.from({ length: 40 }, (_, i) => ({ path: `core/yaml/f${i}.ts`, text: "// x\n" }));
const small = short.map(({ path }) => ({ path, line: 1, functionLines: 5 }));
const long = { path: "core/yaml/long.ts", text: "// x\n".repeat(501) };

test("checkSizes() refuses a file, a function and a list of parameters that are too long", () => {
  const functions = [
    ...small,
    { path: "core/yaml/a.ts", line: 7, functionLines: 81 },
    { path: "core/yaml/a.ts", line: 9, parameters: 5 },
    { path: "core/yaml/a.test.ts", line: 1, functionLines: 400 },
  ];
  assert.deepEqual(
    checkSizes([...short, long], functions, {}).map(({ path, line, message }) => `${path}:${line} ${message}`),
    [
      "core/yaml/long.ts:1 501 lines in the file, the limit is 500: split it by what changes",
      "core/yaml/a.ts:7 81 lines in one function, the limit is 80: split it by what changes",
      "core/yaml/a.ts:9 5 positional parameters, the limit is 4: split it by what changes",
    ],
  );
});

test("checkSizes() lets an exception through up to its number, with a reason, while it is needed", () => {
  const reason = "a table of the specification";
  const check = (fileLines: number, why: string, files = [...short, long]): number =>
    checkSizes(files, small, { "core/yaml/long.ts": { fileLines, reason: why } }).length;
  assert.equal(check(501, reason), 0);
  assert.equal(check(500, reason), 1);
  assert.equal(check(501, ""), 1);
  assert.equal(check(501, reason, short), 1);
});

test("checkSizes() refuses a tree in which too many are long", () => {
  const longish = short.map((file, i) => (i < 5 ? { ...file, text: "// x\n".repeat(301) } : file));
  assert.match(checkSizes(longish, small, {})[0]?.message ?? "", /^5 of 40 have more than 300 lines in the file/);
  const functions = small.map((one, i) => (i < 5 ? { ...one, functionLines: 36 } : one));
  assert.match(checkSizes(short, functions, {})[0]?.message ?? "", /^5 of 40 have more than 35 lines in one function/);
  const wide = [1, 2].map((line) => ({ path: "core/yaml/a.ts", line, parameters: 4 }));
  assert.match(checkSizes(short, [...small, ...wide], {})[0]?.message ?? "", /^2 of 40 have more than 3 positional/);
});

test("readDiagnostics() reads what oxlint really says", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plumbline-sizes-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "a.ts");
  writeFileSync(file, "// x\n\nexport function f(a, b, c, d) {\n  return [a, b, c, d];\n}\n");
  const checkout = resolve(import.meta.dirname, "../..");
  const args = ["-c", join(checkout, "tools/budget.oxlintrc.json"), "--format", "json", folder];
  const { stdout } = spawnSync(join(checkout, "node_modules/.bin/oxlint"), args, { cwd: folder, encoding: "utf8" });
  const found = readDiagnostics(stdout).map(({ line, functionLines, parameters }) => ({
    line,
    functionLines,
    parameters,
  }));
  assert.deepEqual(
    found.sort((a, b) => (a.functionLines ?? 0) - (b.functionLines ?? 0)),
    [
      { line: 3, functionLines: undefined, parameters: 4 },
      { line: 3, functionLines: 3, parameters: undefined },
    ],
  );
});

const door = {
  path: "core/yaml/index.ts",
  text: `// x\nexport { type Node, read as readYaml } from "./a.ts";\nexport type { B } from "./b.ts";\nexport const limit = 3;\nexport async function go(): Promise<void> {}\nexport interface Options {}\n`,
};

test("publicSurface() lists the names of doors and nothing else", () => {
  const inner = { path: "core/yaml/a.ts", text: "export const hidden = 1;\n" };
  const names = ["go", "limit", "readYaml", "type:B", "type:Node", "type:Options"];
  assert.equal(publicSurface([door, inner]), names.map((name) => `@plumbline/core/yaml ${name}\n`).join(""));
});

test("checkPublicSurface() tells what came and what went", () => {
  const listed = publicSurface([door]);
  assert.deepEqual(checkPublicSurface([door], listed), []);
  const changed = { ...door, text: door.text.replace("read as readYaml", "parse") };
  assert.match(checkPublicSurface([changed], listed)[0]?.message ?? "", /core\/yaml changed: \+parse -readYaml;/);
  assert.match(checkPublicSurface([], listed)[0]?.message ?? "", /-go -limit -readYaml/);
});
