// The import rules can fail, and let through what is allowed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkImportCycles } from "./import-cycles.ts";
import { checkImportDirection } from "./import-direction.ts";

const declared = { "": ["fast-check"], core: ["re2js"], engine: [], "apps/cli": ["commander"] };

function wrong(path: string, text: string): string[] {
  return checkImportDirection([{ path, text }], declared).map((violation) => violation.message);
}

const rows: [string, string, string, RegExp | undefined][] = [
  ["an inner room uses a room above it", "core/yaml/a.ts", "@plumbline/core/model", undefined],
  ["the model uses nothing", "core/model/a.ts", "@plumbline/core/yaml", /core\/model may not use core\/yaml/],
  ["core never uses an edge", "core/render/a.ts", "@plumbline/edges/git", /core\/render may not use edges\/git/],
  ["the engine uses core", "engine/run/a.ts", "@plumbline/core/plan", undefined],
  ["the engine never uses an edge", "engine/run/a.ts", "@plumbline/edges/kube", /engine may not use edges\/kube/],
  ["an edge uses no other edge", "edges/git/a.ts", "@plumbline/edges/disk", /edges\/git may not use edges\/disk/],
  ["a dialect uses no other dialect", "dialects/flux/a.ts", "@plumbline/dialects/argo", /may not use dialects\/argo/],
  ["an application uses everything", "apps/cli/a.ts", "@plumbline/engine/run", undefined],
  ["only tests use the testkit", "apps/cli/a.ts", "@plumbline/testkit/go", /apps\/cli may not use testkit\/go/],
  ["tests use the testkit", "apps/cli/a.test.ts", "@plumbline/testkit/go", undefined],
  ["what is written for tests counts as a test", "edges/kube/testing/a.ts", "@plumbline/testkit/go", undefined],
  ["a room is one's own", "core/yaml/a.ts", "./b.ts", undefined],
  [
    "relative paths end at the room",
    "core/yaml/a.ts",
    "../model/index.ts",
    /through its door, @plumbline\/core\/model/,
  ],
  ["this goes for tests too", "core/yaml/a.test.ts", "../model/json.ts", /through its door/],
  ["the engine is one room", "engine/run/a.ts", "../loop/b.ts", undefined],
  ["a file is named with its ending", "core/yaml/a.ts", "./b", /write the file's ending/],
  ["a declared dependency", "core/yaml/a.ts", "re2js", undefined],
  ["a dependency of another package", "engine/run/a.ts", "re2js", /re2js is not among the dependencies of engine/],
  ["a scoped package is named in full", "core/yaml/a.ts", "@cfworker/json-schema/x", /^@cfworker\/json-schema is not/],
  ["a test uses an oracle by its file", "core/yaml/a.real-test.ts", "../../conformance/yaml/oracle.ts", undefined],
  ["nothing else uses an oracle", "core/yaml/a.ts", "../../conformance/yaml/oracle.ts", /leaves the room/],
  ["conformance uses the program", "conformance/cli/a.ts", "../../apps/cli/plumb.ts", undefined],
  ["tests use what the root declares", "core/yaml/a.test.ts", "fast-check", undefined],
];

for (const [name, path, specifier, message] of rows) {
  test(`checkImportDirection(): ${name}`, () => {
    const forms = [
      `import { a } from "${specifier}";`,
      `import type { a } from "${specifier}";`,
      `import {\n  a,\n} from "${specifier}";`,
      `export { a } from "${specifier}";`,
      `import "${specifier}";`,
      `const a = await import("${specifier}");`,
    ];
    for (const form of forms) {
      const messages = wrong(path, `// x\n${form}\n`);
      assert.equal(messages.length, message ? 1 : 0, `${form} ${messages.join()}`);
      if (message) assert.match(messages[0] ?? "", message);
    }
  });
}

test("checkImportDirection() wants a line for each room of core", () => {
  assert.match(wrong("core/novel/index.ts", "// x\n")[0] ?? "", /core\/novel is not in the table/);
});

test("checkImportDirection() tells the line, and reads past comments", () => {
  const name = "nowhere";
  const text = `// import("${name}")\n/* import("${name}") */\nimport { a } from "${name}";\n`;
  assert.deepEqual(
    checkImportDirection([{ path: "core/yaml/a.ts", text }], declared).map(({ line }) => line),
    [3],
  );
});

test("checkImportCycles() finds a circle of three, through a door, and not one of types alone", () => {
  const circle = [
    { path: "core/yaml/index.ts", text: `export { b } from "./b.ts";` },
    { path: "core/yaml/b.ts", text: `import { type X, c } from "./c.ts";` },
    { path: "core/yaml/c.ts", text: `import { b } from "@plumbline/core/yaml";` },
    { path: "core/yaml/outside.ts", text: `import { b } from "./b.ts";` },
  ];
  assert.deepEqual(checkImportCycles(circle), [
    { path: "core/yaml/b.ts", message: "imports in a circle with core/yaml/c.ts, core/yaml/index.ts" },
  ]);
  const types = circle.map((file) => ({ ...file, text: file.text.replace("type X, c", "type X, type C") }));
  assert.deepEqual(checkImportCycles(types), []);
  const wholeTypes = circle.map((file) => ({ ...file, text: file.text.replace("import { b }", "import type { b }") }));
  assert.deepEqual(checkImportCycles(wholeTypes), []);
});
