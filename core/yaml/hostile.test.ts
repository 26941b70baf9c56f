// Tests with input made to hurt: bombs, depth, size, prototype keys.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure, isObject, type JsonValue } from "@plumbline/core/model";
import { nodeToValue } from "./decode.ts";
import { toYaml } from "./emit.ts";
import { toGoJson } from "./go-json.ts";
import { MAX_DEPTH, MAX_TEXT_LENGTH } from "./limits.ts";
import { parseYaml } from "./parse.ts";
import { readNodes } from "./read-nodes.ts";

const refusedBy =
  (reason: string, words: RegExp) =>
  (error: unknown): boolean =>
    error instanceof Failure && error.reason === reason && words.test(error.message);

function fast(name: string, work: () => void): void {
  it(name, () => {
    const start = performance.now();
    work();
    const ms = performance.now() - start;
    assert.ok(ms < 3000, `took ${ms} ms`);
  });
}

describe("hostile YAML", () => {
  const lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"];
  for (let i = 1; i < 20; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(",")}]`,
    );
  fast("an alias bomb is refused", () => {
    assert.throws(() => parseYaml(lines.join("\n")), refusedBy("YamlInvalid", /excessive aliasing/));
    const root = readNodes(lines.join("\n"))[0]?.root;
    assert.ok(root);
    assert.throws(() => nodeToValue(root, { flavour: "v3" }), refusedBy("YamlInvalid", /excessive aliasing/));
  });

  fast("a bomb of merge keys is refused", () => {
    const merges = ["a0: &a0 {x: 1, y: 2}"];
    for (let i = 1; i < 40; i++) merges.push(`a${i}: &a${i} {<<: [*a${i - 1}, *a${i - 1}, *a${i - 1}], z${i}: 1}`);
    assert.throws(() => parseYaml(merges.join("\n")), refusedBy("YamlInvalid", /excessive aliasing/));
  });

  for (const [name, text] of [
    ["brackets", "[".repeat(200_000)],
    ["braces", "{a: ".repeat(200_000)],
    ["list items", "- ".repeat(200_000)],
    ["keys", "? ".repeat(200_000)],
  ] as const) {
    fast(`endless ${name} are refused`, () => {
      assert.throws(
        () => parseYaml(text),
        (error: unknown) => error instanceof Failure,
      );
      assert.throws(
        () => readNodes(text),
        (error: unknown) => error instanceof Failure,
      );
    });
  }

  fast("the allowed depth is read and written", () => {
    const depth = MAX_DEPTH - 1;
    const value = parseYaml("[".repeat(depth) + "]".repeat(depth));
    assert.equal(toGoJson(value).length, 2 * depth);
    assert.ok(toYaml(value).startsWith("- - - -"));
    assert.throws(() => parseYaml("[".repeat(MAX_DEPTH + 1)), refusedBy("LimitExceeded", /nested deeper/));
  });

  it("a value that is too deep is not written, and none that JSON does not know", () => {
    let value: JsonValue = [];
    for (let i = 0; i < 50_000; i++) value = i % 2 === 0 ? [value] : { a: value };
    assert.throws(() => toYaml(value), refusedBy("LimitExceeded", /nested deeper/));
    assert.throws(() => toGoJson(value), refusedBy("LimitExceeded", /nested deeper/));
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => toYaml([number]), refusedBy("YamlInvalid", /unsupported value/));
      assert.throws(() => toGoJson([number]), refusedBy("YamlInvalid", /unsupported value/));
    }
  });

  it("a text beyond the limit is refused before it is looked at", () => {
    const text = "a".repeat(MAX_TEXT_LENGTH + 1);
    assert.throws(() => parseYaml(text), refusedBy("LimitExceeded", /characters/));
  });

  it("prototype keys are plain keys", () => {
    const value = parseYaml("__proto__: {polluted: 1}\nconstructor: 2\ntoString: 3\n<<: {__proto__: {x: 1}}");
    assert.ok(isObject(value));
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    assert.deepEqual(Object.keys(value), ["__proto__", "constructor", "toString"]);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.equal(toYaml(value), "__proto__:\n  x: 1\nconstructor: 2\ntoString: 3\n");
    assert.equal(toGoJson(value), '{"__proto__":{"x":1},"constructor":2,"toString":3}');
  });

  fast("many keys, anchors and quotes take linear time", () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: &a${i} "v\\n${i}"`).join("\n");
    const value = parseYaml(keys, { strict: true }) as { [key: string]: JsonValue };
    assert.equal(value.k19999, "v\n19999");
    assert.equal(readNodes(keys)[0]?.root.content.length, 40_000);
  });

  fast("endless equal keys are reported, shortly", () => {
    const text = "a: 1\n".repeat(50_000);
    const root = readNodes(text)[0]?.root;
    assert.ok(root);
    assert.throws(
      () => nodeToValue(root, { flavour: "v3" }),
      (error: unknown) => error instanceof Failure && error.message.length < 4000,
    );
  });

  fast("comments without end take linear time", () => {
    readNodes(`a: 1\n${"# c\n\n".repeat(100_000)}b: 2`);
    readNodes(`a: 1\n${"   \n".repeat(200_000)}# c\nb: 2`);
  });

  fast("a long line with characters above U+FFFF takes linear time", () => {
    const text = `[${"{a: 😀}, ".repeat(20_000)}]`;
    assert.equal((parseYaml(text) as JsonValue[]).length, 20_000);
    readNodes(text);
    parseYaml(`"${"😀 ".repeat(200_000)}"`);
    toYaml({ [`😀${"x".repeat(50)}`]: "😀 x".repeat(200_000) });
  });

  fast("line after line of one text takes linear time", () => {
    const value = parseYaml(`a: ${"word\n ".repeat(200_000)}end`) as { a: string };
    assert.equal(value.a.length, 1_000_003);
    parseYaml(`a: "${"word\n ".repeat(200_000)}end"`);
  });
});
