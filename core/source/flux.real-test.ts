// Versions, ranges, name patterns and ignore rules beside the Go libraries that Flux is made of, on generated input.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { before, test } from "node:test";
import { buildGoProgram } from "@plumbline/testkit/go";
import fc from "fast-check";
import { compileGoMatch } from "./go-match.ts";
import { ignoreRules, isIgnored } from "./ignore-rules.ts";
import { compareVersions, matchesRange, parseRange, parseVersion } from "@plumbline/core/semver";

interface Answer {
  valid?: boolean;
  results: string[];
}

let program = "";
before(async () => {
  program = await buildGoProgram({ module: "conformance/oracle-semver", package: ".", name: "oracle-semver" });
});

async function askGo(questions: readonly object[]): Promise<Answer[]> {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(questions.map((question) => JSON.stringify(question)).join("\n"));
  let out = "";
  for await (const bytes of child.stdout as AsyncIterable<Buffer>) out += bytes.toString();
  const answers = out.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Answer]));
  assert.equal(answers.length, questions.length, "one answer per question");
  return answers;
}

const SEED = 20261121;
function sample<T>(arbitrary: fc.Arbitrary<T>, count: number): T[] {
  return fc.sample(arbitrary, { numRuns: count, seed: SEED });
}

const numberText = fc.constantFrom(
  "0",
  "1",
  "2",
  "3",
  "10",
  "00",
  "01",
  "18446744073709551615",
  "18446744073709551616",
);
const part = fc.constantFrom("alpha", "rc", "1", "2", "10", "0", "01", "a-b", "-", "99999999999999999999");
const joined = (of: fc.Arbitrary<string>, max: number): fc.Arbitrary<string> =>
  fc.array(of, { minLength: 1, maxLength: max }).map((parts) => parts.join("."));
const versionText = fc
  .tuple(fc.constantFrom("", "v"), joined(numberText, 3), fc.option(joined(part, 3)), fc.option(joined(part, 2)))
  .map(([v, numbers, pre, meta]) => `${v}${numbers}${pre === null ? "" : `-${pre}`}${meta === null ? "" : `+${meta}`}`);
const wild = fc.constantFrom("0", "1", "2", "3", "x", "X", "*", "10", "0", "1", "1x");
const rangeVersion = fc
  .tuple(fc.constantFrom("", "v"), joined(wild, 3), fc.option(joined(part, 2), { freq: 4 }))
  .map(([v, numbers, pre]) => `${v}${numbers}${pre === null ? "" : `-${pre}`}`);
const operator = fc.constantFrom("", "", "=", "!=", ">", "<", ">=", "=>", "<=", "=<", "~", "~>", "^");
const nonsense = fc.constantFrom("^^", "&", "x1", "\v1", "1\u00a0");
const gap = fc.constantFrom("", " ", "  ", "\t", "\n");
const constraint = fc.tuple(operator, gap, rangeVersion).map((parts) => parts.join(""));
const hyphen = fc.tuple(rangeVersion, rangeVersion).map(([a, b]) => `${a} - ${b}`);
const group = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: constraint },
      { weight: 2, arbitrary: hyphen },
      { weight: 1, arbitrary: nonsense },
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .chain((parts) => fc.constantFrom(" ", ", ", ",", "  ").map((separator) => parts.join(separator)));
const rangeText = fc
  .tuple(gap, fc.array(group, { minLength: 1, maxLength: 3 }), gap)
  .map(([before_, groups, after]) => `${before_}${groups.join(" || ")}${after}`);

test("versions are read and ordered as Masterminds/semver does", async () => {
  const lists = sample(fc.array(versionText, { minLength: 3, maxLength: 8 }), 400);
  const answers = await askGo(lists.map((versions) => ({ ask: "versions", versions })));
  for (const [i, versions] of lists.entries()) {
    const ours = versions.map((text) => {
      const parsed = parseVersion(text);
      if ("error" in parsed) return "invalid";
      const shown = `${parsed.major}.${parsed.minor}.${parsed.patch}`;
      const rest = `${parsed.prerelease && `-${parsed.prerelease}`}${parsed.metadata && `+${parsed.metadata}`}`;
      const orders = versions.flatMap((other) => {
        const b = parseVersion(other);
        return "error" in b ? [] : [String.fromCharCode("1".charCodeAt(0) + compareVersions(parsed, b))];
      });
      const flux = text.split(".", 3).length === 3 ? ["flux"] : [];
      return [shown + rest, ...flux, ...orders].join(" ");
    });
    assert.deepEqual(ours, answers[i]?.results, JSON.stringify(versions));
  }
});

test("ranges are read and matched as Masterminds/semver does", async () => {
  const questions = sample(fc.tuple(rangeText, fc.array(versionText, { minLength: 4, maxLength: 10 })), 4000);
  const answers = await askGo(questions.map(([range, versions]) => ({ ask: "range", range, versions })));
  let valid = 0;
  for (const [i, [text, versions]] of questions.entries()) {
    const range = parseRange(text);
    const isValid = !("error" in range);
    assert.equal(isValid, answers[i]?.valid, JSON.stringify(text));
    if (!isValid) continue;
    valid++;
    const ours = versions.map((v) => {
      const parsed = parseVersion(v);
      if ("error" in parsed) return "invalid";
      return matchesRange(range, parsed) ? "in" : "out";
    });
    assert.deepEqual(ours, answers[i]?.results, `${text} with ${versions.join(" ")}`);
  }
  assert.ok(valid > 800, `too few of the ranges were valid: ${valid}`);
});

const nameChar = fc.constantFrom("a", "b", "c", "-", "]", "[", "*", "?", "\\", "^", "é", ".");
const nameText = fc.array(nameChar, { maxLength: 6 }).map((chars) => chars.join(""));
const patternPiece = fc.oneof(
  nameChar,
  fc.constantFrom("[a-c]", "[^b]", "[ab", "\\*", "**", "[]", "[a-]", "[\\]]", "[^]"),
);
const patternText = fc.array(patternPiece, { maxLength: 6 }).map((pieces) => pieces.join(""));

test("name patterns match as filepath.Match does", async () => {
  const questions = sample(fc.tuple(patternText, fc.array(nameText, { minLength: 6, maxLength: 12 })), 4000);
  const answers = await askGo(questions.map(([pattern, names]) => ({ ask: "match", pattern, names })));
  for (const [i, [pattern, names]] of questions.entries()) {
    const match = compileGoMatch(pattern);
    assert.deepEqual(names.map(match), answers[i]?.results, `${JSON.stringify(pattern)} with ${JSON.stringify(names)}`);
  }
});

const directoryName = fc.constantFrom("a", "b", "deploy", "x.y", ".github");
const fileName = fc.constantFrom("a", "b.yaml", "pic.png", ".gitignore", ".sops.yaml", "README.md", "deploy", "c d ");
const pathText = fc
  .tuple(fc.array(directoryName, { maxLength: 3 }), fc.oneof(directoryName, fileName))
  .map(([above, name]) => [...above, name].join("/"));
const ignoreSegment = fc.constantFrom(
  "a",
  "b",
  "*",
  "**",
  "deploy",
  "*.yaml",
  "",
  "x.?",
  "[ab]",
  "a**",
  "[",
  "*.png",
  "c d \\ ",
);
const ignoreLine = fc
  .tuple(
    fc.constantFrom("", "", "", "!", "#", "/"),
    fc.array(ignoreSegment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("/")),
    fc.constantFrom("", "", "/", " ", "  ", "\r"),
  )
  .map((parts) => parts.join(""));
const ignoreText = fc.array(ignoreLine, { maxLength: 4 }).map((lines) => lines.join("\n"));

test("ignore rules hide what Flux hides", async () => {
  const scenario = fc.record({
    root: fc.option(ignoreText),
    nested: fc.option(fc.tuple(fc.array(directoryName, { minLength: 1, maxLength: 2 }), ignoreText)),
    spec: fc.option(ignoreText),
    paths: fc.uniqueArray(fc.tuple(pathText, fc.boolean()), { minLength: 5, maxLength: 12 }),
  });
  const scenarios = sample(scenario, 3000).map(({ root, nested, spec, paths }) => ({
    ask: "ignore",
    files: [
      ...(root === null ? [] : [{ directory: "", text: root }]),
      ...(nested === null ? [] : [{ directory: nested[0].join("/"), text: nested[1] }]),
    ],
    ...(spec === null ? {} : { spec }),
    entries: paths.map(([path, isDirectory]) => ({ path, isDirectory })),
  }));
  const answers = await askGo(scenarios);
  for (const [i, { files, spec, entries }] of scenarios.entries()) {
    const rules = ignoreRules(files, spec);
    const ours = entries.map(({ path, isDirectory }) => {
      const parts = path.split("/");
      const walk = (state: typeof rules.root, name: string, at: number): typeof rules.root =>
        rules.step(state, name, isDirectory || at < parts.length - 1);
      return isIgnored(parts.reduce(walk, rules.root)) ? "hidden" : "kept";
    });
    assert.deepEqual(ours, answers[i]?.results, JSON.stringify({ files, spec, entries }));
  }
});
