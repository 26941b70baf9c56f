// Git addresses, as kustomize reads them.

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { describe, it } from "node:test";
import { parseRepoUrl } from "./repo-url.ts";

describe("parseRepoUrl()", () => {
  const rows: [address: string, cloneUrl: string, path: string, ref: string][] = [
    ["github.com/org/repo", "https://github.com/org/repo", "", ""],
    ["https://github.com/org/repo/deep/path?ref=v1.0", "https://github.com/org/repo", "deep/path", "v1.0"],
    ["https://github.com/org/repo.git/deep", "https://github.com/org/repo.git", "deep", ""],
    ["https://github.com/org/repo//deep?version=x", "https://github.com/org/repo", "deep", "x"],
    ["git@github.com:org/repo.git//deep?ref=main", "git@github.com:org/repo.git", "deep", "main"],
    ["git@gitlab.example.com:group/sub/repo.git//deep", "git@gitlab.example.com:group/sub/repo.git", "deep", ""],
    ["ssh://git@host.example.com/org/repo/path", "ssh://git@host.example.com/org/repo", "path", ""],
    ["git::https://gitlab.com/a/b?ref=c", "https://gitlab.com/a/b", "", "c"],
    [
      "https://dev.azure.com/org/project/_git/repo/path?ref=r",
      "https://dev.azure.com/org/project/_git/repo",
      "path",
      "r",
    ],
    ["file:///srv/repo.git/path", "file:///srv/repo.git", "path", ""],
  ];
  for (const [address, cloneUrl, path, ref] of rows) {
    it(address, () => {
      const found = parseRepoUrl(address);
      deepStrictEqual([found?.cloneUrl, found?.path, found?.ref], [cloneUrl, path, ref]);
    });
  }

  it("takes local paths, files and escapes for no address", () => {
    for (const path of [
      "../base",
      "./x",
      "/abs/path",
      "base",
      "a/b/c",
      "https://example.com",
      "https://github.com/o/r//../../x",
    ]) {
      strictEqual(parseRepoUrl(path), undefined, path);
    }
  });

  it("reads timeout and submodules, and falls back to the defaults", () => {
    const of = (query: string): unknown[] => {
      const found = parseRepoUrl(`github.com/o/r?${query}`);
      return [found?.timeoutMs, found?.submodules];
    };
    deepStrictEqual(of(""), [27_000, true]);
    deepStrictEqual(of("timeout=61&submodules=false"), [61_000, false]);
    deepStrictEqual(of("timeout=1m30s&submodules=nonsense"), [90_000, true]);
    deepStrictEqual(of("timeout=-4"), [27_000, true]);
  });
});
