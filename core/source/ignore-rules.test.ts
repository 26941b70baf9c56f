// Ignore rules as Flux applies them, also where Git would answer differently.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ignoreRules, type IgnoreText, isIgnored } from "./ignore-rules.ts";

function hidden(paths: string[], files: IgnoreText[] = [], spec?: string): string[] {
  const rules = ignoreRules(files, spec);
  return paths.filter((path) => {
    const isDirectory = path.endsWith("/");
    const parts = path.split("/").filter((part) => part !== "");
    let state = rules.root;
    for (const [i, part] of parts.entries()) state = rules.step(state, part, isDirectory || i < parts.length - 1);
    return isIgnored(state);
  });
}

test("the default patterns hide VCS, media and CI files", () => {
  const paths = [
    ".gitignore",
    "a/.gitattributes",
    "a/logo.png",
    ".github/workflows/x.yaml",
    "a/.sops.yaml",
    "a/b.yaml",
  ];
  assert.deepEqual(hidden(paths), paths.slice(0, -1));
});

test("any pattern of one's own replaces the defaults but for VCS files", () => {
  const paths = [".gitignore", "logo.png", "docs/a.md"];
  assert.deepEqual(hidden(paths, [], "docs/"), [".gitignore", "docs/a.md"]);
  assert.deepEqual(hidden(paths, [{ directory: "", text: "docs/" }]), [".gitignore", "docs/a.md"]);
  assert.deepEqual(hidden(paths, [], "# only a comment\n\n"), [".gitignore", "logo.png"]);
});

test("everything but one directory", () => {
  const spec = "/*\n!/deploy\n";
  assert.deepEqual(hidden(["a.yaml", "x/b.yaml", "deploy/", "deploy/c.yaml"], [], spec), ["a.yaml", "x/b.yaml"]);
});

test("a file below a hidden directory can be brought back, unlike in Git", () => {
  assert.deepEqual(hidden(["a/", "a/x.yaml", "a/keep.yaml"], [], "a/\n!a/keep.yaml"), ["a/", "a/x.yaml"]);
});

test("an ignore file counts from its directory down, the deeper one wins, spec.ignore wins over all", () => {
  const files = [
    { directory: "", text: "*.txt\n" },
    { directory: "a", text: "!*.txt\nlocal\n" },
  ];
  assert.deepEqual(hidden(["x.txt", "a/x.txt", "local", "a/local", "a/b/local"], files), [
    "x.txt",
    "a/local",
    "a/b/local",
  ]);
  assert.deepEqual(hidden(["a/x.txt", "a/local"], files, "!local"), []);
});

test("go-git's corners", () => {
  assert.deepEqual(hidden(["a/", "a/x", "b"], [], "a/**"), ["a/", "a/x"], "a/** takes the directory too");
  assert.deepEqual(hidden(["a", "x/a"], [], "/**"), [], "/** takes nothing");
  assert.deepEqual(hidden(["a", "x/a"], [], "**"), ["a", "x/a"], "without a slash ** is a star");
  assert.deepEqual(hidden(["x/ab", "ab"], [], "x/a**"), [], "** beside letters never matches in a path");
  assert.deepEqual(hidden(["a/b", "x/a/b"], [], "a/b"), ["a/b"], "a slash anchors");
  assert.deepEqual(hidden(["x/y/foo", "foo", "x/foo/z"], [], "**/foo"), ["x/y/foo", "foo", "x/foo/z"]);
  assert.deepEqual(hidden(["logs", "logs/"], [], "logs/"), ["logs/"], "a trailing slash wants a directory");
  assert.deepEqual(hidden(["a b ", "a b"], [], "a b   "), ["a b"], "trailing spaces are cut");
  assert.deepEqual(hidden(["[x"], [], "[x"), [], "malformed patterns match nothing");
});

test("lines after one that is too long are not read, as Go's scanner does", () => {
  assert.deepEqual(hidden(["a", "b"], [], `a\n${"x".repeat(70_000)}\nb`), ["a"]);
});
