// TOML as BurntSushi reads it; conformance/helm/toml.real-test.ts compares documents and words with the real one.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { jsonOf, show } from "@plumbline/core/template";
import { readToml } from "./toml-reader.ts";
import { writeToml } from "./toml.ts";

const wordsOf = (text: string): string => {
  try {
    return `taken: ${show(readToml(text))}`;
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message;
    throw thrown;
  }
};

test("tables, lists of tables and values of every kind are read", () => {
  const text =
    'a.b = 1\n[t]\nx = [1.5, "y", {z = true}]\n[[l]]\nm = """\nx\\\n  y"""\n[[l]]\nd = 0x1F # c\n[l.n]\no = 1_000\n';
  assert.deepEqual(jsonOf(readToml(text)), {
    a: { b: 1 },
    t: { x: [1.5, "y", { z: true }] },
    l: [{ m: "xy" }, { d: 31, n: { o: 1000 } }],
  });
});

test("times without a zone are written without one again", () => {
  const text = "a = 2020-01-02\nb = 03:04:05\nc = 2020-01-02T03:04:05.5\nd = 2020-01-02T03:04:05+02:00\n";
  assert.equal(writeToml(readToml(text)), text);
});

describe("what is wrong is told with the line and the last key", () => {
  const rows: [text: string, words: string][] = [
    ["a = 1\nb = ", 'toml: line 2 (last key "b"): unexpected EOF; expected value'],
    ["[t]\nx = y", 'toml: line 2 (last key "t.x"): expected value but found "y" instead'],
    ["a = 1\na = 2", "toml: line 2 (last key \"a\"): Key 'a' has already been defined."],
    ['a = "\udcff"', 'toml: line 1 (last key "a"): invalid UTF-8 byte: 0xff'],
    ["a = 2020-13-01", 'toml: line 1 (last key "a"): invalid datetime: "2020-13-01"'],
    ["a = 9223372036854775808", 'toml: line 1 (last key "a"): 9223372036854775808 is out of range for int64'],
    ["a.b = 1\na = 2", "taken: map[a:map[b:1]]"],
  ];
  for (const [text, words] of rows) test(JSON.stringify(text), () => assert.equal(wordsOf(text), words));
});

describe("hostile documents end soon", () => {
  const limited: [name: string, text: string][] = [
    ["a key of 200,000 parts", `${"a.".repeat(200_000)}a = 1`],
    [
      "keys of 900 parts, again and again",
      Array.from({ length: 40 }, (_, i) => `k${i}.${"a.".repeat(899)}a = 1\n`).join(""),
    ],
    ["lists 100,000 deep", `a = ${"[".repeat(100_000)}`],
    ["tables 100,000 deep", `a = ${"{b = ".repeat(100_000)}`],
    ["lists and tables in turn", "a = [{".repeat(50_000)],
  ];
  for (const [name, text] of limited) {
    test(`${name} pass a limit`, () => assert.throws(() => readToml(text), { reason: "LimitExceeded" }));
  }

  const long: [name: string, text: string][] = [
    ["a text", `a = "${"\\n".repeat(100_000)}"`],
    ["a text of many lines", `a = """${'x\\\n  ""'.repeat(40_000)}"""`],
    ["a comment", `# ${"#".repeat(200_000)}`],
    ["many keys", Array.from({ length: 20_000 }, (_, i) => `k${i} = ${i}`).join("\n")],
    ["a long list", `a = [${"1,".repeat(100_000)}]`],
  ];
  for (const [name, text] of long) test(`${name} is read`, () => assert.ok(readToml(text)));

  test("digits without an end are refused", () => {
    assert.match(wordsOf(`a = ${"1".repeat(20_000)}`), /is out of range for int64$/);
    assert.match(wordsOf(`a = 0.${"1_".repeat(50_000)}`), /underscores must be surrounded by digits$/);
  });
});
