// Substitution beside Flux's own: the same texts and the same words of failure.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { asFailure, type Manifest } from "@plumbline/core/model";
import { toGoJson, toYaml } from "@plumbline/core/yaml";
import { askFlux, type Question } from "../../conformance/oracle-flux/oracle.ts";
import { substituteManifest } from "./substitute-manifest.ts";
import { substituteText } from "./substitute-text.ts";

const vars = {
  a: "hello/world.txt",
  b: "",
  c: "été-ÀÉ-ß",
  d: "aaa.bbb.ccc",
  e: "*",
  n: "-2",
  x: "1",
  long_name1: "FooBar",
};

const operators = [
  ["", "-d", ":-d", ":=d", "=d", ":?d", ":+d", "^", "^^", ",", ",,", ":1", ":1:2", ":-3", ": -3", ":2:-1", "#*/"],
  ["##*/", "#h?l", "%.*", "%%.*", "%.txt", "/l/L", "//l/L", "//l", "/l/", "/#he/HE", "/%txt/TXT", "//\\//_", "/${b}/X"],
  [":-${a}", ":-x${a^^}y${b:-z}", ":${x}", ":${x}:${x}", "#[a-h]*", "%[!a]", "//./", "/#a", "-${a}", ":é", "//a/$$"],
].flat();
const pieces = [
  ["${", "}", "${a", "${b", "${c", "${d", "${zz", "${#a}", "${a}", "$$", "$", "{", ":-", ":=", "=", "-", ":+", ":?"],
  ["#", "##", "%", "%%", "/", "//", "/#", "/%", "^", "^^", ",", ",,", ":", "1", "-1", " -1", "2", "*", "?", "["],
  ["[a-c]", "[^x]", "\\", "\\/", "\\\\", ".", "a", "b", "o", "text ", "é", "${x}", "${n}", "\n", "]", "[]", "\\]"],
].flat();
const names = ["a", "b", "c", "d", "e", "zz", "long_name1", "#a"];

const texts = fc.sample(
  fc.oneof(
    fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 9 }).map((parts) => parts.join("")),
    fc
      .array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...operators)), { minLength: 1, maxLength: 3 })
      .map((all) => all.map(([name, operator]) => `<\${${name}${operator}}`).join("")),
  ),
  { numRuns: 6000, seed: 20 },
);

function outcome(work: () => string): { output?: string; error?: string } {
  try {
    return { output: work() };
  } catch (error) {
    return { error: asFailure(error).message };
  }
}

describe("substitution beside Flux", () => {
  for (const strict of [true, false]) {
    it(`gives Flux's text or Flux's error for ${texts.length} texts, ${strict ? "strict" : "lenient"}`, async () => {
      const answers = await askFlux(texts.map((input): Question => ({ op: "evaluate", input, vars, strict })));
      const variables = new Map(Object.entries(vars));
      let failures = 0;
      texts.forEach((text, i) => {
        const ours = outcome(() => substituteText(text, variables, { strict, prefix: "" }));
        const { output, error } = answers[i] ?? {};
        // Flux cuts characters in two and fails later, on the bytes that are no UTF-8.
        if (ours.error?.includes("cuts a character in two")) return;
        if (error !== undefined) failures++;
        const theirs = error === undefined ? { output } : { error: `variable substitution failed: ${error}` };
        assert.deepEqual(ours, theirs, JSON.stringify(text));
      });
      assert.ok(failures > 500 && failures < texts.length - 500, `${failures} failures`);
    });
  }

  it("gives the same objects for manifests", async () => {
    const manifests = fc.sample(manifestArbitrary(), { numRuns: 400, seed: 21 });
    const values = {
      ...vars,
      q: '"',
      colon: "a: b",
      list: "[1, 2]",
      num: "0777",
      yes: "yes",
      date: "2001-01-01",
      nl: "x",
    };
    const questions = manifests.map((manifest): Question => ({
      op: "substitute",
      input: toYaml(manifest),
      vars: values,
      strict: true,
    }));
    const answers = await askFlux(questions);
    const variables = new Map(Object.entries(values));
    manifests.forEach((manifest, i) => {
      const ours = outcome(() => toGoJson(substituteManifest(manifest, variables)));
      const { output, error } = answers[i] ?? {};
      assert.deepEqual(ours, error === undefined ? { output } : { error }, toYaml(manifest));
    });
  });
});

function manifestArbitrary(): fc.Arbitrary<Manifest> {
  const value = fc.oneof(
    fc.constantFrom(
      "${num}",
      "${yes}",
      "${date}",
      "${list}",
      "${b}",
      "x-${a}",
      "${x}",
      "@${x}",
      "${c}",
      "plain",
      "$$x",
      "${d%.*}",
    ),
    fc.constantFrom(
      "a\n${x}\nb\n",
      "${long_name1,,}",
      "${q}",
      "${colon}",
      "${zz}",
      "${zz:=dflt}",
      "${x} # no comment",
      'say "${x}"',
    ),
    fc.constantFrom("long ".repeat(20) + "${a}" + " and more".repeat(10), " ${x}", "${x}: ${x}", "*${x}", "- ${x}"),
    fc.integer(),
    fc.boolean(),
  );
  const fields = fc.dictionary(fc.constantFrom("a", "b", "${x}", "key-${long_name1}", "z9", "z10"), value, {
    noNullPrototype: true,
  });
  return fields.map((data) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "cm" }, data }));
}
