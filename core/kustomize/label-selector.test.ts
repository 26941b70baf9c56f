// Label selectors, as Kubernetes reads them.

import { strictEqual, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { compileLabelSelector } from "./label-selector.ts";

const labels = new Map([
  ["app", "web"],
  ["tier", "2"],
  ["example.com/role", ""],
]);

describe("compileLabelSelector()", () => {
  const rows: [selector: string, matches: boolean][] = [
    ["", true],
    ["  ", true],
    ["app", true],
    ["!app", false],
    ["!gone", true],
    ["app=web", true],
    ["app==web", true],
    ["app!=web", false],
    ["gone!=web", true],
    ["app=", false],
    ["example.com/role=", true],
    ["app in (web, api)", true],
    ["app notin (web)", false],
    ["gone notin (web)", true],
    ["gone in (web)", false],
    ["tier > 1", true],
    ["tier < 2", false],
    ["app > 1", false],
    ["app=web,tier=2,!gone", true],
    ["app=web,tier=3", false],
  ];
  for (const [selector, matches] of rows) {
    it(JSON.stringify(selector), () => strictEqual(compileLabelSelector(selector)(labels), matches));
  }

  for (const selector of [
    "=",
    "a=b,",
    ",a",
    "a in b",
    "a in (b",
    "a b",
    "-a",
    "a=b c",
    "a>x",
    `${"a".repeat(64)}`,
    "a=-",
  ]) {
    it(`refuses ${JSON.stringify(selector)}`, () => throws(() => compileLabelSelector(selector), /selector/));
  }
});
