// Go's filepath.Match: rows from its documentation and its corners.

import assert from "node:assert/strict";
import { test } from "node:test";
import { compileGoMatch, type MatchAnswer } from "./go-match.ts";

test("compileGoMatch() answers as Go does", () => {
  const rows: [string, string, MatchAnswer][] = [
    ["abc", "abc", "yes"],
    ["*", "", "yes"],
    ["*.yaml", "a.yaml", "yes"],
    ["*.yaml", ".yaml", "yes"],
    ["a*b*c", "abbbc", "yes"],
    ["a*b*c", "acb", "no"],
    ["a?c", "aéc", "yes"],
    ["a[b-d]e", "ace", "yes"],
    ["a[^b-d]e", "ace", "no"],
    ["a[!b]c", "a!c", "yes"],
    ["a\\*b", "a*b", "yes"],
    ["[\\]]", "]", "yes"],
    ["[*]", "*", "yes"],
    ["[", "a", "malformed"],
    ["a[", "a", "malformed"],
    ["[]a]", "]", "malformed"],
    ["[-]", "-", "malformed"],
    ["[a-]", "a", "malformed"],
    ["a\\", "a", "malformed"],
    ["a*[", "b", "no"],
    ["a*[", "ab", "malformed"],
    ["*x*y*", "axbyc", "yes"],
    ["**", "anything", "yes"],
    ["a*", "a", "yes"],
    ["*a", "aa", "yes"],
    ["", "", "yes"],
  ];
  for (const [pattern, name, expected] of rows)
    assert.equal(compileGoMatch(pattern)(name), expected, `${pattern} ${name}`);
});

test("compileGoMatch() does not go quadratic on stars", () => {
  const match = compileGoMatch(`${"*a".repeat(60)}b`);
  const started = performance.now();
  assert.equal(match("a".repeat(5000)), "no");
  assert.ok(performance.now() - started < 500);
});
