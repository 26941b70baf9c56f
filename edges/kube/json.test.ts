// Integers beyond 2^53 in both directions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatJson, parseJson } from "./json.ts";

test("parseJson() keeps integers beyond 2^53 and leaves every other number alone", () => {
  const rows: [string, unknown][] = [
    ['{"a":9007199254740993}', { a: 9007199254740993n }],
    ['{"a":-9223372036854775808}', { a: -9223372036854775808n }],
    ['{"a":18446744073709551615,"b":[ 9007199254740993]}', { a: 18446744073709551615n, b: [9007199254740993n] }],
    ['{"a":9007199254740991}', { a: 9007199254740991 }],
    ['{"a":1234567890123456.5}', { a: 1234567890123456.5 }],
    ['{"a":1e300,"b":":12345678901234567890"}', { a: 1e300, b: ":12345678901234567890" }],
    ["[1,2]", [1, 2]],
  ];
  for (const [text, value] of rows) assert.deepEqual(parseJson(text), value, text);
});

test("parseJson() finds a long integer wherever it stands", () => {
  for (let pad = 0; pad < 40; pad++) {
    const key = "1".repeat(pad % 16) + "x".repeat(pad);
    assert.deepEqual(parseJson(`{"${key}":9007199254740993}`), { [key]: 9007199254740993n });
    assert.deepEqual(parseJson(`{"${key}":900719925474}`), { [key]: 900719925474 });
  }
});

test("formatJson() writes what parseJson() read", () => {
  for (const text of ['{"a":9007199254740993,"b":"x"}', "[18446744073709551615]", '{"__proto__":{"a":1}}', "1.5"]) {
    assert.equal(formatJson(parseJson(text)), text);
  }
});

test("formatJson() says what JSON.stringify says about a cycle", () => {
  const loop: { [key: string]: never } = {};
  (loop as { [key: string]: unknown })["self"] = loop;
  assert.throws(() => formatJson(loop), TypeError);
});
