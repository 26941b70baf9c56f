// Reasons: the check can fail in each of its three ways, and reads what stands in this checkout.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { checkReasons } from "./reasons.ts";
import { readSources } from "./source-file.ts";

const declaration = {
  path: "core/model/failure.ts",
  text: 'export type Reason =\n  // sources\n  | "URLInvalid"\n  | "Conflict"\n  | "NotFound";\n',
};
const documentation =
  "| reason | it means |\n|---|---|\n| `URLInvalid`, `Conflict` | x |\n\n| reason | y |\n|---|---|\n| `NotFound` | x |\n";
const givers = { path: "edges/git/a.ts", text: 'x({ reason: "URLInvalid" }); y(is ? "Conflict" : "NotFound");\n' };

function told(files: { path: string; text: string }[], text: string): string[] {
  return checkReasons([declaration, ...files], text).map(({ path, line, message }) => `${path}:${line}: ${message}`);
}

test("checkReasons() lets a set through that is documented and given", () => {
  assert.deepEqual(told([givers], documentation), []);
});

test("checkReasons() names what has no row, and rows of no reason; other tables do not count", () => {
  const text =
    documentation.replace("`Conflict`", "`Gone`") + "\n| condition | reason |\n|---|---|\n| `Held` | `Window` |\n";
  assert.deepEqual(told([givers], text), [
    "core/model/failure.ts:4: Conflict has no row in docs/errors.md",
    "docs/errors.md:3: Gone is no reason of core/model/failure.ts",
  ]);
});

test("checkReasons() names a reason that the product only looks for, or that only tests give", () => {
  const asks = {
    path: "engine/a.ts",
    text: 'const few = new Set<Reason>(["Conflict"]);\nif (reason === "Conflict") x({ reason: "URLInvalid" }); // "Conflict"\n',
  };
  const inTest = { path: "engine/a.test.ts", text: 'x({ reason: "Conflict" });\n' };
  const other = { path: "engine/b.ts", text: 'x({ reason: "NotFound" });\n' };
  assert.deepEqual(told([asks, inTest, other], documentation), [
    "core/model/failure.ts:4: no failure has the reason Conflict: drop it",
  ]);
});

test("the reasons of the code are those of docs/errors.md", () => {
  const checkout = resolve(import.meta.dirname, "../..");
  const text = readFileSync(join(checkout, "docs/errors.md"), "utf8");
  assert.deepEqual(checkReasons(readSources(checkout), text), []);
});

test("checkReasons() says so when it finds no declaration", () => {
  assert.equal(checkReasons([], documentation).length, 1);
});
