// Tests with very large input.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isObject } from "@plumbline/core/model";
import { parseYaml } from "./parse.ts";

const SECONDS_ALLOWED = 20;

function timed(work: () => void): void {
  const start = performance.now();
  work();
  const seconds = (performance.now() - start) / 1000;
  assert.ok(seconds < SECONDS_ALLOWED, `took ${seconds} s`);
}

describe("large YAML", () => {
  it("100 MB of one block are read in one go", () => {
    const text = `a: |\n${"  0123456789abcdefghijklmnopqrstuvwxyz\n".repeat(2_600_000)}`;
    assert.ok(text.length > 100_000_000);
    timed(() => {
      const value = parseYaml(text);
      assert.ok(isObject(value) && typeof value.a === "string" && value.a.length > 90_000_000);
    });
  });

  it("100 MB of small values are read in one go", () => {
    const text = "- name: x\n  value: 1234567890123456789012345678901234567890\n".repeat(1_800_000);
    assert.ok(text.length > 100_000_000);
    timed(() => {
      const value = parseYaml(text);
      assert.ok(Array.isArray(value) && value.length === 1_800_000);
    });
  });
});
