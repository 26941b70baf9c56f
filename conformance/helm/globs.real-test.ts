// .Files.Glob finds the same files as Helm's engine does, for written and generated patterns.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { type Oracle, startOracle } from "../template/oracle.ts";
import { renderRow } from "./engine.ts";

const paths = [
  "a",
  "b",
  "ab",
  "abc",
  "a-b",
  "a.b",
  "a/b",
  "a/b/c",
  "a-b/c.d",
  "README.md",
  ".helmignore",
  "files/my.cnf",
  "files/init.d/x.sh",
  "files/init.d/y.sql",
  "files/init.d/z.sql.gz",
  "files/init.d/deep/w.sql",
  "x,y",
  "x{y}",
  "x[y]",
  "x\\y",
  "x*y",
  "é.txt",
  "🎉",
  "a b",
  "(+)|^$",
];
const files = Object.fromEntries(paths.map((path) => [path, "x"]));

const written = [
  "files/init.d/*.{sh,sql}",
  "files/init.d/*.{sh,sql,sql.gz}",
  "files/init.d/**",
  "files/**/*.sql",
  "*.d/*",
  "a-b",
  "a-b/*",
  "*-*",
  "[a-c]",
  "[!a-c]",
  "[abc]",
  "[a-zA-Z]",
  "[!a]*",
  "[a-",
  "[]",
  "[!]",
  "[]a]",
  "[c-a]",
  "[a-a]",
  "[!!]",
  "[-a]",
  "[a\\]]*",
  "{a,b",
  "a}",
  "a,b",
  "{a,{b,ab}c}",
  "{,a}b",
  "{}",
  "x\\{y\\}",
  "x\\\\y",
  "x\\",
  "x[*]y",
  "x\\*y",
  "?",
  "??",
  "***",
  "*/*/*",
  "**/**",
  "",
  "\\",
  "\ufffd",
  "(+)|^$",
  ".*",
  "{*,**}",
  "{a*,a**}c",
];

// As charts write them. gobwas itself matches some others wrongly: `a**a` fits `a`, `?` does not fit `é`, and wildcards
// in braces lose what follows them.
const names = fc.constantFrom("a", "b", "c", "x", "a-b", "a.b", ".d", "files", "init.d", ".sql", "(", "^");
const one = fc.constantFrom("?", "[ab]", "[!a]", "[a-c]", "[!x-z]", "[]", "[a-zA-Z]", "[a");
const choice = fc.array(names, { minLength: 1, maxLength: 3 }).map((all) => `{${all.join(",")}}`);
const segment = fc.oneof(
  names,
  choice,
  fc.constantFrom("*", "*", "**"),
  fc.tuple(fc.constantFrom("*", ""), one, fc.constantFrom("b", "")).map((parts) => parts.join("")),
  fc.tuple(names, fc.constant("*")).map((parts) => parts.join("")),
  fc.tuple(fc.constantFrom("*", "**"), fc.oneof(names, choice)).map((parts) => parts.join("")),
);
const generated = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));

describe(".Files.Glob beside Helm's engine", () => {
  let oracle: Oracle;
  before(async () => {
    oracle = await startOracle();
  });
  after(() => oracle.close());

  const difference = async (pattern: string): Promise<string | undefined> => {
    const template = `{{ range $p, $_ := .Files.Glob .Values.pattern }}{{ $p }}\n{{ end }}`;
    const theirs = await oracle.run({ mode: "helm", name: "row", template, data: { pattern }, files });
    const ours = renderRow(template, {}, { pattern }, files);
    const [go, own] = [theirs, ours].map(({ output, error }) => error ?? Buffer.from(output).toString());
    // gobwas ends in a panic for some empty alternatives: there is nothing to compare with.
    if (go?.includes("runtime error: slice bounds")) return undefined;
    return go === own ? undefined : `${JSON.stringify(pattern)}\n  go:   ${go}\n  ours: ${own}`;
  };

  it(`answers ${written.length} patterns as Helm does`, async () => {
    const differences: string[] = [];
    for (const pattern of written) {
      const different = await difference(pattern);
      if (different !== undefined) differences.push(different);
    }
    assert.equal(differences.length, 0, differences.join("\n"));
  });

  it("answers 500 generated patterns as Helm does", async () => {
    const property = fc.asyncProperty(generated, async (pattern) => {
      assert.equal(await difference(pattern), undefined);
    });
    await fc.assert(property, { numRuns: Number(process.env["PLUMBLINE_GLOB_RUNS"] ?? 500) });
  });
});
