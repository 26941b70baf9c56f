// Tests of decoding bytes.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure } from "@plumbline/core/model";
import { decodeYamlText } from "./decode-text.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("decoding bytes", () => {
  it("takes UTF-8, with or without a byte order mark, and UTF-16", () => {
    assert.equal(decodeYamlText(encode("é😀")), "é😀");
    assert.equal(decodeYamlText(encode("\ufeffa")), "a");
    assert.equal(decodeYamlText(Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x3d, 0xd8, 0, 0xde)), "a😀");
    assert.equal(decodeYamlText(Uint8Array.of(0xfe, 0xff, 0, 0x61)), "a");
  });

  it("says where the bytes are broken", () => {
    const bytes = Uint8Array.of(...encode("a: é\nb: "), 0xc3, 0x28);
    assert.throws(
      () => decodeYamlText(bytes, "x.yaml"),
      (error: unknown) => {
        assert.ok(error instanceof Failure);
        assert.equal(error.message, "yaml: invalid trailing UTF-8 octet");
        assert.deepEqual(error.where, { file: "x.yaml", line: 2, column: 4 });
        return true;
      },
    );
  });

  it("finds a broken byte at the end of a long file in linear time", () => {
    const bytes = new Uint8Array(5_000_000).fill(0x61);
    bytes[bytes.length - 1] = 0xff;
    assert.throws(() => decodeYamlText(bytes), /invalid leading UTF-8 octet/);
  });
});
