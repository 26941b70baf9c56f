// Tests of reading values: one row per rule.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure, type JsonValue } from "@plumbline/core/model";
import { parseYaml, parseYamlAll } from "./parse.ts";

const scalars: [text: string, value: JsonValue][] = [
  ["yes", true],
  ["Off", false],
  ["y", true],
  ["yEs", "yEs"],
  ["~", null],
  ["", null],
  ["nULL", "nULL"],
  ["0777", 511],
  ["0o17", 15],
  ["0x1F", 31],
  ["0b101", 5],
  ["08", 8],
  ["1_000", 1000],
  ["-0", 0],
  ["9007199254740993", 9007199254740993n],
  ["18446744073709551615", 18446744073709551615n],
  ["18446744073709551616", 18446744073709552000],
  ["1e3", 1000],
  [".5", 0.5],
  ["1e1000", "1e1000"],
  ["190:20:30", "190:20:30"],
  ["2001-01-01", "2001-01-01"],
  ["1.2.3", "1.2.3"],
  ["'1'", "1"],
  ['"a\\tb\\u00e9"', "a\tb\u00e9"],
  ["!!str 1", "1"],
  ["!!binary aGk=", "hi"],
  ["!custom 1", "1"],
  ["=", "="],
];

describe("reading a scalar", () => {
  for (const [text, value] of scalars) {
    it(`${JSON.stringify(text)} is the ${typeof value} ${String(value as string)}`, () =>
      assert.deepEqual(parseYaml(text), value));
  }
});

const texts: [name: string, text: string, value: JsonValue][] = [
  ["keys that look like booleans and numbers", "y: 1\n0x10: 2\n1.5: 3\n~x: 4", { true: 1, "16": 2, "1.5": 3, "~x": 4 }],
  ["the last of two equal keys", "a: 1\na: 2", { a: 2 }],
  [
    "a merge, overridden by what follows it",
    "b: &b {x: 1, z: 2}\nc:\n  <<: *b\n  z: 3",
    { b: { x: 1, z: 2 }, c: { x: 1, z: 3 } },
  ],
  ["a merge that overrides what stands before it", "z: 3\n<<: {z: 2}", { z: 2 }],
  ["a list of merges, of which the first wins", "<<: [{a: 1}, {a: 2, b: 2}]", { a: 1, b: 2 }],
  ["a literal block", "a: |\n  x\n   y\n\n", { a: "x\n y\n" }],
  ["a folded block", "a: >-\n  x\n  y\n\n  z\n", { a: "x y\nz" }],
  ["a list at the indentation of its key", "a:\n- 1\n-\n- b: 2\n  c: 3", { a: [1, null, { b: 2, c: 3 }] }],
  ["JSON", '{"a": [1, {"b": null}], "c": "\\u0041"}', { a: [1, { b: null }], c: "A" }],
  ["carriage returns", "a: 1\r\nb: |\r\n  x\r\n  y\r\n", { a: 1, b: "x\ny\n" }],
  ["a byte order mark", "\ufeffa: 1", { a: 1 }],
  ["a text of several lines", "a: b\n  c\n\n  d", { a: "b c\nd" }],
  ["only the first document", "a: 1\n---\n}", { a: 1 }],
  ["nothing", "# only a comment\n", null],
];

describe("reading a text", () => {
  for (const [name, text, value] of texts) it(`knows ${name}`, () => assert.deepEqual(parseYaml(text), value));
});

const refused: [text: string, message: string, place: [line: number, column: number]][] = [
  ["a: b: c", "yaml: mapping values are not allowed in this context", [1, 5]],
  ["x: 1\na: b: c", "yaml: line 2: mapping values are not allowed in this context", [2, 5]],
  ["a:\n\tb: 2", "yaml: line 2: found character that cannot start any token", [2, 1]],
  ["a: {{ .x }}", 'yaml: invalid map key: map[interface {}]interface {}{".x":interface {}(nil)}', [1, 5]],
  ["a:\n  b: 'x", "yaml: line 2: found unexpected end of stream", [2, 6]],
  ["a: *b", "yaml: unknown anchor 'b' referenced", [1, 4]],
  ["a: .inf", "json: unsupported value: +Inf", [1, 4]],
  ["~: a", 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "a"', [1, 1]],
  ["a: !!int x", "yaml: cannot decode !!str `x` as a !!int", [1, 4]],
  ["a: &a [*a]", "yaml: anchor 'a' value contains itself", [1, 8]],
  ["<<: 1", "yaml: map merge requires map or sequence of maps as the value", [1, 5]],
  ["a: b\u0007", "yaml: control characters are not allowed", [1, 5]],
];

describe("refusing a text", () => {
  for (const [text, message, [line, column]] of refused) {
    it(`says what Go says and where: ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseYaml(text, { file: "x.yaml" }),
        (error: unknown) => {
          assert.ok(error instanceof Failure);
          assert.equal(error.reason, "YamlInvalid");
          assert.equal(error.message, message);
          assert.deepEqual(error.where, { file: "x.yaml", line, column });
          assert.ok(error.hint);
          return true;
        },
      );
    });
  }

  it("lists repeated keys in strict mode", () => {
    assert.throws(() => parseYaml("a: 1\nb: 2\na: 3\nb: 4", { strict: true }), {
      message: 'yaml: unmarshal errors:\n  line 3: key "a" already set in map\n  line 4: key "b" already set in map',
    });
  });
});

describe("reading a stream", () => {
  it("gives every document with its line, without the empty ones", () => {
    const text = "# c\na: 1\n---\n# nothing\n---\nnull\n--- # d\n\n- b\n...\n---\nc: 2\n";
    assert.deepEqual(parseYamlAll(text), [
      { value: { a: 1 }, line: 2 },
      { value: ["b"], line: 9 },
      { value: { c: 2 }, line: 12 },
    ]);
  });

  it("fails for a broken later document", () => {
    assert.throws(() => parseYamlAll("a: 1\n---\n}"), /did not find expected node content/);
  });
});
