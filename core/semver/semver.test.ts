// Versions and ranges: rows that real Masterminds/semver v3 answers the same way (see the real test).

import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesRange, parseRange } from "./range.ts";
import { compareVersions, parseVersion, type Version } from "./version.ts";

function version(text: string): Version {
  const parsed = parseVersion(text);
  assert.ok(!("error" in parsed), text);
  return parsed;
}

function inRange(range: string, text: string): boolean {
  const parsed = parseRange(range);
  assert.ok(!("error" in parsed), range);
  return matchesRange(parsed, version(text));
}

test("parseVersion() accepts what is close to semver", () => {
  for (const text of ["1", "v1.2", "1.2.3", "v1.2.3-rc.1+b5", "2025.02.03", "1.2.3-0a", "1.0.0+001"]) version(text);
});

test("parseVersion() refuses what is no version", () => {
  const bad = [
    "",
    "x",
    "1.2.3.4",
    "1.2.3-01",
    "1.2.3-",
    "1.2.3+",
    " 1.2.3",
    "V1.2.3",
    "1.2.3\n",
    "18446744073709551616.0.0",
  ];
  for (const text of [...bad, `1.0.0-${"a".repeat(260)}`]) assert.ok("error" in parseVersion(text), text);
});

test("compareVersions() orders prereleases before releases and numbers before letters", () => {
  const ascending = [
    "0.9.9",
    "1.0.0-1",
    "1.0.0-2",
    "1.0.0-10",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-beta",
    "1.0.0",
    "1.0.1",
    "18446744073709551615.0.0",
  ];
  for (let i = 1; i < ascending.length; i++) {
    assert.equal(compareVersions(version(ascending[i - 1] ?? ""), version(ascending[i] ?? "")), -1, `${ascending[i]}`);
  }
  assert.equal(compareVersions(version("1.0.0+a"), version("v1.0+b")), 0);
});

test("matchesRange() follows Masterminds where it differs from npm", () => {
  const rows: [string, string, boolean][] = [
    [">=1.0.0 <2.0.0", "1.9.9", true],
    [">=1.0.0, <2.0.0", "2.0.0", false],
    ["~1.2.3", "1.2.9", true],
    ["~1", "1.9.0", true],
    ["^0.2.3", "0.2.9", true],
    ["^0.2.3", "0.3.0", false],
    ["^0", "0.9.0", true],
    ["1.x || >=2.5.0 || 5.0.0 - 7.2.3", "6.0.0", true],
    ["!=1", "1.5.0", false],
    ["!=1.2", "1.3.0", true],
    [">11", "11.1.0", false],
    [">11.1", "11.1.1", false],
    [">11.1", "11.2.0", true],
    ["<=1", "1.9.9", true],
    ["=>1.0", "1.0.0", true],
    ["*", "1.0.0-rc.1", false],
    [">=1.0.0-0", "1.0.0-rc.1", true],
    ["1.2.3", "1.2.3+build", true],
    ["~0.0.0", "5.0.0", true],
  ];
  for (const [range, text, expected] of rows) assert.equal(inRange(range, text), expected, `${text} in ${range}`);
});

test("parseRange() says what is wrong", () => {
  for (const range of ["", " ", "abc", ">=", "1.2.3.4", ">=1 && <2", "1\u00a0- 2", "=1x"]) {
    assert.ok("error" in parseRange(range), range);
  }
});

test("parseRange() takes no longer for hostile ranges", () => {
  const range = `${"1    ".repeat(100)}!`;
  const started = performance.now();
  assert.ok("error" in parseRange(range));
  assert.ok(performance.now() - started < 200);
});
