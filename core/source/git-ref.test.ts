// References: precedence, revision strings, names that are refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, type GitRef } from "@plumbline/core/model";
import {
  type AdvertisedRef,
  commitOfRevision,
  isRefName,
  refNotFound,
  refPrefixes,
  resolveRef,
  tiedCommits,
} from "./git-ref.ts";

const id = (digit: string): string => digit.repeat(40);
const remote: AdvertisedRef[] = [
  { name: "HEAD", id: id("a") },
  { name: "refs/heads/main", id: id("a") },
  { name: "refs/heads/master", id: id("b") },
  { name: "refs/heads/feature/x", id: id("c") },
  { name: "refs/tags/v1.0.0", id: id("1"), peeled: id("d") },
  { name: "refs/tags/1.2.0", id: id("e") },
  { name: "refs/tags/v1.3.0-rc.1", id: id("2") },
  { name: "refs/tags/v9", id: id("3") },
  { name: "refs/pull/1/head", id: id("f") },
];
const revision = (ref: GitRef): string | undefined => resolveRef(ref, remote)?.revision;

test("revision strings are Flux's", () => {
  assert.equal(revision({}), `master@sha1:${id("b")}`);
  assert.equal(revision({ branch: "feature/x" }), `feature/x@sha1:${id("c")}`);
  assert.equal(revision({ tag: "v1.0.0" }), `v1.0.0@sha1:${id("d")}`, "an annotated tag is peeled");
  assert.equal(revision({ semver: ">=1.0.0" }), `1.2.0@sha1:${id("e")}`);
  assert.equal(revision({ name: "refs/pull/1/head" }), `refs/pull/1/head@sha1:${id("f")}`);
  assert.equal(revision({ name: "refs/tags/v1.0.0" }), `refs/tags/v1.0.0@sha1:${id("d")}`);
  assert.equal(revision({ name: "refs/tags/v1.0.0^{}" }), `refs/tags/v1.0.0^{}@sha1:${id("d")}`);
  assert.equal(revision({ commit: id("9") }), `sha1:${id("9")}`);
  assert.equal(revision({ branch: "main", commit: id("9") }), `main@sha1:${id("9")}`);
  assert.equal(revision({ name: "refs/heads/main", commit: id("9") }), `refs/heads/main@sha1:${id("9")}`);
  assert.equal(revision({ commit: "9".repeat(64) }), `sha256:${"9".repeat(64)}`);
});

test("the later form wins: branch, semver, tag, name, commit", () => {
  const all = { branch: "main", tag: "v1.0.0", semver: "1.2.x", name: "refs/pull/1/head", commit: id("9") };
  assert.equal(resolveRef(all, remote)?.commit, id("9"));
  assert.equal(resolveRef({ ...all, commit: "" }, remote)?.commit, id("f"));
  assert.equal(resolveRef({ ...all, commit: "", name: "" }, remote)?.commit, id("d"));
  assert.equal(resolveRef({ branch: "main", semver: "1.2.x" }, remote)?.commit, id("e"));
  assert.equal(resolveRef({ branch: "main", tag: "v1.0.0" }, remote)?.commit, id("d"));
});

test("only what is needed is asked for", () => {
  assert.deepEqual(refPrefixes({ branch: "main" }), ["refs/heads/main"]);
  assert.deepEqual(refPrefixes({ semver: "*" }), ["refs/tags/"]);
  assert.deepEqual(refPrefixes({ commit: id("9") }), []);
});

test("a version tag needs two dots; a prerelease only counts where one is named", () => {
  assert.equal(revision({ semver: ">=2" }), undefined, "v9 is no version for Flux");
  assert.equal(revision({ semver: ">=1.3.0-0" }), `v1.3.0-rc.1@sha1:${id("2")}`);
});

test("equal versions are decided by the time of their commits, then by name", () => {
  const tags = [
    { name: "refs/tags/1.0.0+1", id: id("1") },
    { name: "refs/tags/1.0.0+2", id: id("2") },
  ];
  assert.deepEqual(tiedCommits({ semver: "1.x" }, tags), [id("1"), id("2")]);
  const newer = new Map([[id("1"), 2000], [id("2"), 1000]]); // prettier-ignore
  assert.equal(resolveRef({ semver: "1.x" }, tags, (commit) => newer.get(commit))?.commit, id("1"));
  assert.equal(resolveRef({ semver: "1.x" }, tags)?.commit, id("2"));
  assert.deepEqual(tiedCommits({ semver: "1.x" }, remote), []);
});

test("hostile names are refused before git sees them", () => {
  const bad = [
    "--upload-pack=x",
    "a b",
    "a..b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "/a",
    "a/",
    "a//b",
    ".a",
    "a/.b",
  ];
  for (const name of [...bad, "a.lock", "a@{1}", "@", "a\nb", "a\0b", "", "x".repeat(2000), "a."]) {
    assert.equal(isRefName(name), false, JSON.stringify(name));
  }
  for (const name of ["main", "refs/heads/feature/x", "v1.0+b", "a-b_c", "ü"])
    assert.equal(isRefName(name), true, name);
  const isRefused = (ref: GitRef): void =>
    assert.throws(
      () => refPrefixes(ref),
      (error) => error instanceof Failure && error.reason === "GitOperationFailed" && error.retry === "never",
    );
  isRefused({ branch: "a b" });
  isRefused({ tag: "x..y" });
  isRefused({ name: "--exec=/bin/sh" });
  isRefused({ commit: "abc123" });
  isRefused({ semver: "not a range" });
});

test("a missing reference is named with what there is", () => {
  const failure = refNotFound({ branch: "nope" }, ["main", "dev"]);
  assert.equal(failure.message, "branch 'nope' not found: the remote has dev, main");
  assert.equal(failure.where?.field, "spec.ref.branch");
  const many = Array.from({ length: 30 }, (_, i) => `b${i + 10}`);
  assert.match(refNotFound({ tag: "x" }, many).message, /and 20 more$/);
  assert.match(refNotFound({ semver: "9.x" }, []).message, /^no tag matches the semver range "9\.x"$/);
});

test("commitOfRevision() reads all of Flux's forms", () => {
  const forms = [
    `main@sha1:${id("a")}`,
    `sha1:${id("a")}`,
    `main/${id("a")}`,
    `refs/pull/1/head@sha1:${id("a")}`,
    id("a"),
  ];
  for (const form of forms) assert.equal(commitOfRevision(form), id("a"));
  assert.equal(commitOfRevision("latest"), undefined);
});
