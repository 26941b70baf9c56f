// The checks of single files can fail, and let through what is allowed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFileNames } from "./file-names.ts";
import { checkModuleStyle } from "./module-style.ts";
import { checkPureCore } from "./pure-core.ts";

const impure: [string, RegExp][] = [
  ["const t = Date.now();", /clock/],
  ["const t = new Date();", /clock/],
  ["const t = Temporal.Now.instant();", /clock/],
  ["const t = performance.now();", /clock/],
  ["setTimeout(work, 5);", /timer/],
  ["const n = Math.random();", /random/],
  ["const id = crypto.randomUUID();", /cryptography/],
  ["const home = process.env.HOME;", /process/],
  ["const page = await fetch(url);", /network/],
  ["const bytes = Buffer.from(text);", /Buffer/],
  ["console.log(1);", /prints/],
  ["const f = new Function(text);", /interpret/],
  [`import { join } from "node:path";`, /node:path/],
];

for (const [code, message] of impure) {
  test(`checkPureCore() refuses ${code}`, () => {
    const text = `// What it is for.\n${code}\n`;
    const found = checkPureCore([{ path: "core/yaml/a.ts", text }]);
    assert.equal(found.length, 1);
    assert.match(found[0]?.message ?? "", message);
    assert.equal(found[0]?.line, 2);
    assert.deepEqual(checkPureCore([{ path: "edges/git/a.ts", text }]), []);
    assert.deepEqual(checkPureCore([{ path: "core/yaml/a.test.ts", text }]), []);
  });
}

test("checkPureCore() lets through comments, given dates and methods of the same name", () => {
  const text = `// Date.now() is not used.\n/* nor Math.random() */\nconst d = new Date(ms);\nthis.fetch(d); // process.env\n`;
  assert.deepEqual(checkPureCore([{ path: "core/yaml/a.ts", text }]), []);
});

test("checkFileNames() refuses words that say nothing and other cases than kebab-case", () => {
  const paths = [
    "core/yaml/utils.ts",
    "core/common/a.ts",
    "core/yaml/types.test.ts",
    "core/yaml/readYaml.ts",
    "core/yaml/a_b.ts",
  ];
  const found = checkFileNames(paths.map((path) => ({ path, text: "" })));
  assert.deepEqual(
    found.map(({ message }) => /"(.*)"/.exec(message)?.[1]),
    ["utils", "common", "types", "readYaml", "a_b"],
  );
});

test("checkFileNames() lets through kebab-case, digits, suffixes and files named after a kind", () => {
  const paths = ["core/yaml/go-2.ts", "core/yaml/a.real-test.ts", "core/health/kinds/service.ts", "apps/web/plan.tsx"];
  assert.deepEqual(checkFileNames(paths.map((path) => ({ path, text: "" }))), []);
});

test("checkModuleStyle() wants a comment on the first line", () => {
  const open = (text: string): number => checkModuleStyle([{ path: "core/yaml/a.ts", text }]).length;
  assert.equal(open(`import "./b.ts";\n`), 1);
  assert.equal(open("//\n"), 1);
  assert.equal(open("\n// Late.\n"), 1);
  assert.equal(open("// Reads YAML.\n"), 0);
  assert.equal(open("#!/usr/bin/env node\n// Runs.\n"), 0);
});

test("checkModuleStyle() refuses export *, default exports and bare errors", () => {
  const text = `// What it is for.\nexport * from "./b.ts";\nexport default 1;\nthrow new Error("x");\n`;
  const lines = (path: string): (number | undefined)[] => checkModuleStyle([{ path, text }]).map(({ line }) => line);
  assert.deepEqual(lines("core/yaml/a.ts"), [2, 3, 4]);
  assert.deepEqual(lines("core/yaml/a.test.ts"), [2, 3]);
});
