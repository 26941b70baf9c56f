// What a hostile cluster or repository may make a terminal show.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanJson, cleanLine, cleanText } from "./clean-text.ts";

const hostile = "a\u001b[2Jb\u0007\u009b31mc\u202ed\r\ne\tf\u007f";

test("a line has no control characters and no marks that turn text around", () => {
  assert.equal(cleanLine(hostile), "a [2Jb 31mc d e f ");
});

test("a text keeps its line feeds and nothing else of the kind", () => {
  assert.equal(cleanText(hostile), "a [2Jb 31mc d \ne f ");
});

test("cleaned JSON reads as the same value", () => {
  const text = cleanJson(JSON.stringify({ [hostile]: hostile }));
  // oxlint-disable-next-line no-control-regex -- none may be left
  assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  assert.deepEqual(JSON.parse(text), { [hostile]: hostile });
});

test("other languages and signs stay as they are", () => {
  assert.equal(cleanLine("Größe ✔ 日本 👩‍🚀"), "Größe ✔ 日本 👩‍🚀");
});
