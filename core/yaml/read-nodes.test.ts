// Tests of the trees: places, styles, tags and comments.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { YamlNode } from "./node.ts";
import { DocumentReader, readNodes } from "./read-nodes.ts";

function rootOf(text: string): YamlNode {
  const root = readNodes(text)[0]?.root;
  assert.ok(root);
  return root;
}

describe("a tree", () => {
  it("keeps the text, the tag and the style of every scalar", () => {
    const { content } = rootOf("[yes, 0o7, 1_0, '1', \"x\", ~, 1.0, 2001-01-01, !!str 1, !x y, <<]");
    assert.deepEqual(
      content.map(({ value, tag, style, tagged }) => [value, tag, style, tagged]),
      [
        ["yes", "!!str", "", false],
        ["0o7", "!!int", "", false],
        ["1_0", "!!int", "", false],
        ["1", "!!str", "single", false],
        ["x", "!!str", "double", false],
        ["~", "!!null", "", false],
        ["1.0", "!!float", "", false],
        ["2001-01-01", "!!timestamp", "", false],
        ["1", "!!str", "", true],
        ["y", "!x", "", true],
        ["<<", "!!merge", "", false],
      ],
    );
  });

  it("knows where every scalar stands, so that it can be replaced in the text", () => {
    const text = 'a: 1\nb:\n- image: "x:1" # {"$imagepolicy": "n:p"}\n';
    const image = rootOf(text).content[3]?.content[0]?.content[1];
    assert.ok(image);
    assert.deepEqual([image.line, image.column, text.slice(image.start, image.end)], [3, 10, '"x:1"']);
    assert.equal(image.lineComment, '# {"$imagepolicy": "n:p"}');
  });

  it("keeps comments above, behind and below", () => {
    const [document] = readNodes("# top\n\n# head\na: 1 # line\n# foot\n\nb: 2\n");
    assert.ok(document);
    const [a] = document.root.content;
    assert.deepEqual(
      [document.headComment, a?.headComment, document.root.content[1]?.lineComment, a?.footComment],
      ["# top", "# head", "# line", "# foot"],
    );
  });

  it("counts columns in characters and offsets in UTF-16 units", () => {
    const [, value] = rootOf("😀: 😀x").content;
    assert.deepEqual([value?.column, value?.start, value?.end], [4, 4, 7]);
  });

  it("links aliases to their anchors", () => {
    const { content } = rootOf("a: &x [1]\nb: *x");
    assert.equal(content[3]?.kind, "alias");
    assert.equal(content[3]?.target, content[1]);
    assert.equal(content[1]?.anchor, "x");
  });

  it("is read document by document, so that a broken one does not hide those before it", () => {
    const reader = new DocumentReader("a: 1\n--- \nb: 2\n---\n}", "x.yaml", "v2");
    assert.equal(reader.next()?.line, 1);
    assert.equal(reader.next()?.line, 3);
    assert.throws(() => reader.next(), /did not find expected node content/);
  });
});
