// Tests of writing YAML: one row per rule.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure, type JsonValue } from "@plumbline/core/model";
import { toYaml } from "./emit.ts";

const rows: [name: string, value: JsonValue, text: string][] = [
  ["nothing as null", null, "null\n"],
  ["empty collections in brackets", { a: {}, b: [], c: [{}, []] }, "a: {}\nb: []\nc:\n- {}\n- []\n"],
  ["lists at the indentation of their key", { a: [1, { b: 2, c: [3] }] }, "a:\n- 1\n- b: 2\n  c:\n  - 3\n"],
  ["lists in lists", [[1, [2]], 3], "- - 1\n  - - 2\n- 3\n"],
  [
    "keys in natural order",
    { a10: 1, a9: 1, A: 1, _: 1, "1": 1, "10": 1, "2": 1 },
    '_: 1\n"1": 1\n"2": 1\n"10": 1\nA: 1\na9: 1\na10: 1\n',
  ],
  ["would-be booleans in double quotes", { a: "yes", on: "off", b: "true" }, 'a: "yes"\nb: "true"\n"on": "off"\n'],
  [
    "would-be numbers in double quotes",
    ["1", "1.0", "0x1", "1_000", "1e3", ".5", "-1", "1:30", "0b1"],
    '- "1"\n- "1.0"\n- "0x1"\n- "1_000"\n- "1e3"\n- ".5"\n- "-1"\n- "1:30"\n- "0b1"\n',
  ],
  [
    "dates and the empty text in double quotes",
    ["2001-01-01", "", "null", "~"],
    '- "2001-01-01"\n- ""\n- "null"\n- "~"\n',
  ],
  [
    "indicators in single quotes",
    ["a: b", "#x", "- x", "it's: x", "*a", " x", "x ", "{a}", "@x"],
    "- 'a: b'\n- '#x'\n- '- x'\n- 'it''s: x'\n- '*a'\n- ' x'\n- 'x '\n- '{a}'\n- '@x'\n",
  ],
  [
    "harmless texts without quotes",
    ["a:b", "a#b", "-x", "http://x", "a, b", "it's", "1.2.3", "é", "1e1000"],
    "- a:b\n- a#b\n- -x\n- http://x\n- a, b\n- it's\n- 1.2.3\n- é\n- 1e1000\n",
  ],
  [
    "what cannot be printed as escapes",
    ["a\tb", "😀", "a\rb", "\u0007"],
    '- "a\\tb"\n- "\\U0001F600"\n- "a\\rb"\n- "\\a"\n',
  ],
  ["lines as a literal block", { a: "x\ny\n" }, "a: |\n  x\n  y\n"],
  ["lines without a last break", { a: "x\ny" }, "a: |-\n  x\n  y\n"],
  ["lines with more breaks at the end", { a: "x\n\n", b: 1 }, "a: |+\n  x\n\nb: 1\n"],
  ["lines that start with a space", { a: " x\ny\n" }, "a: |2\n   x\n  y\n"],
  ["lines that start with a break", { a: "\nx\n" }, "a: |2\n\n  x\n"],
  ["lines with a trailing space in double quotes", { a: "x \ny" }, 'a: "x \\ny"\n'],
  ["a single break", { a: "\n" }, "a: |2+\n\n"],
  [
    "long texts folded",
    { a: "word ".repeat(30).trim() },
    `a: ${"word ".repeat(16).trim()}\n  ${"word ".repeat(14).trim()}\n`,
  ],
  [
    "numbers in Go's words",
    [1.5, 1e21, 1e-7, 1234567.5, 1e20, -0, 2 ** 53, 9007199254740993n, 2n ** 64n],
    "- 1.5\n- 1e+21\n- 1e-07\n- 1.2345675e+06\n- 1e+20\n- 0\n- 9007199254740992\n- 9007199254740993\n- 1.8446744073709552e+19\n",
  ],
  ["long keys with a question mark", { ["k".repeat(129)]: 1, b: 2 }, `b: 2\n? ${"k".repeat(129)}\n: 1\n`],
];

describe("writing YAML", () => {
  for (const [name, value, text] of rows) it(`writes ${name}`, () => assert.equal(toYaml(value), text));

  it("refuses what Go cannot carry through JSON", () => {
    for (const value of ["a\u007fb", { "\u0080": 1 }, ["\uffff"], { ["k".repeat(1100)]: 1 }]) {
      assert.throws(
        () => toYaml(value),
        (error: unknown) => error instanceof Failure && error.reason === "YamlInvalid",
      );
    }
  });

  it("replaces lone surrogates, as Go's JSON does", () => assert.equal(toYaml("a\ud800b"), "a\ufffdb\n"));
});
