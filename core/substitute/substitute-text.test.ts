// Tests of the expressions in texts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure } from "@plumbline/core/model";
import { MAX_NESTING, MAX_TRIMMED_LENGTH } from "./limits.ts";
import { substituteText } from "./substitute-text.ts";

const variables = new Map([
  ["name", "hello"],
  ["path", "a/b/c.tar.gz"],
  ["empty", ""],
  ["dots", "aaa.bbb.ccc"],
  ["umlaut", "äöü"],
  ["_x1", "1"],
]);

const rows: [text: string, expected: string][] = [
  ["plain $name and $", "plain $name and $"],
  ["${name}", "hello"],
  ["<${name}-${_x1}>", "<hello-1>"],
  ["$${name} $$ $$$$", "${name} $ $$"],
  ["${absent:-x}", "x"],
  ["${absent:=x y}", "x y"],
  ["${absent=x}", "x"],
  ["${empty:-x}", "x"],
  ["${name:-x}", "hello"],
  ["${absent:+x}", "x"],
  ["${absent:?x}", "x"],
  ["${absent:-}", ""],
  ["${absent:-${empty:=${name^^}}!}", "HELLO!"],
  ["${absent:-$$}", "$$"],
  ["${#name}", "5"],
  ["${#umlaut}", "6"],
  ["${name^}", "Hello"],
  ["${name^^}", "HELLO"],
  ["${umlaut^^}", "ÄÖÜ"],
  ["${name,,}", "hello"],
  ["${name:1}", "ello"],
  ["${name:1:3}", "ell"],
  ["${name:-3}", "hello"],
  ["${name: -3}", "hello"],
  ["${name:1:-1}", "ell"],
  ["${name:9}", ""],
  ["${name:x}", "hello"],
  ["${path#*/}", "b/c.tar.gz"],
  ["${dots##*.}", "ccc"],
  ["${dots#*.}", "bbb.ccc"],
  ["${dots%.*}", "aaa.bbb"],
  ["${dots%%.ccc}", "aaa.bbb"],
  ["${dots/b/X}", "aaa.Xbb.ccc"],
  ["${dots//b/X}", "aaa.XXX.ccc"],
  ["${dots//b/}", "aaa..ccc"],
  ["${dots/#aaa/X}", "X.bbb.ccc"],
  ["${dots/%ccc/X}", "aaa.bbb.X"],
  ["${path//\\//_}", "a_b_c.tar.gz"],
  ["${dots//./$&}", "aaa$&bbb$&ccc"],
];

describe("text with expressions", () => {
  for (const [text, expected] of rows) {
    it(`turns ${text} into ${JSON.stringify(expected)}`, () => {
      assert.equal(substituteText(text, variables), expected);
    });
  }

  it("names a variable that is not set, and what to do", () => {
    assert.throws(
      () => substituteText("a: ${nope}", variables),
      (error: unknown) =>
        error instanceof Failure &&
        error.message === 'variable substitution failed: variable not set (strict mode): "nope"' &&
        error.hint?.includes("${nope:=value}") === true,
    );
  });

  it("takes unset variables as empty when it is not strict", () => {
    assert.equal(substituteText("[${nope}${nope^^}${#nope}]", variables, { strict: false }), "[0]");
  });

  for (const [text, problem] of [
    ["${", "unable to parse variable name"],
    ["${}", "unable to parse variable name"],
    ["${name", "missing closing brace"],
    ["${name-x}", "missing closing brace"],
    ["${name:}", "unable to parse substitution within function"],
    ["${#}", "bad substitution"],
    ["${name/a}", "bad substitution"],
    ["${name:-", "unable to parse substitution within function"],
  ] as const) {
    it(`refuses ${text}`, () => {
      assert.throws(() => substituteText(text, variables), { message: `variable substitution failed: ${problem}` });
    });
  }

  it("does not reach a prototype", () => {
    assert.throws(() => substituteText("${constructor}", variables), /not set/);
    assert.equal(substituteText("${__proto__:-x}", variables), "x");
  });

  it("stops at endless nesting", () => {
    const deep = "${a:-".repeat(MAX_NESTING + 1);
    assert.throws(() => substituteText(deep, variables), /nested too deeply/);
  });

  it("refuses to trim values whose trimming would take for ever", () => {
    const long = new Map([["v", "a".repeat(MAX_TRIMMED_LENGTH + 1)]]);
    assert.throws(() => substituteText("${v%%*b}", long), /more than the/);
  });

  it("stops when values multiply beyond the limit", () => {
    const big = new Map([["v", "x".repeat(1 << 20)]]);
    assert.throws(() => substituteText("${v}".repeat(17), big), /grows beyond/);
  });

  it("refuses to cut a character in two", () => {
    assert.throws(() => substituteText("${umlaut:1}", variables), /cuts a character/);
  });
});
