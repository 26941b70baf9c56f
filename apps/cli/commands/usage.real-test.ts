// The program without a cluster: help, wrong usage, exit codes, a reader that goes away.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { plumb } from "./testing/plumb.ts";

const noStack = /\n\s+at /;

test("every command explains itself", async () => {
  const all = [
    [],
    "run",
    "install",
    "get",
    "reconcile",
    "suspend",
    "resume",
    "diff ks",
    "windows",
    "held",
    "kustomize build",
    "helm template",
  ];
  const shown = await Promise.all(
    all.map((words) => plumb([...words.toString().split(" "), "--help"].filter(Boolean))),
  );
  for (const { code, stdout, stderr } of shown) {
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^Usage: plumb /);
  }
});

const wrong: [string, RegExp][] = [
  ["nonsense", /unknown command 'nonsense'\n.*--help/],
  ["constructor", /unknown command 'constructor'/],
  ["get", /missing required argument 'kind'\n.*--help/],
  ["get constructor", /unknown kind "constructor"\n {2}Use kustomization/],
  ["get ks a b", /"b" is too much after ks a\n {2}Name one object/],
  ["get ks --nonsense", /unknown option '--nonsense'\n.*--help/],
  ["get ks --kubeconfig /nowhere", /no kubeconfig|cannot be read/],
  ["diff ks app", /required option '--path <dir>' not specified\n.*--help/],
  ["diff ks app --path . -o yaml", /Allowed choices are json/],
  ["windows --at soon", /--at: "soon" is no time\n {2}Give an RFC 3339 time/],
  ["windows --calendar -o json -f /nowhere", /--calendar is for people\n {2}Leave out/],
  ["windows -o table2", /unknown output format "table2"/],
  ["run --concurrent many", /--concurrent: "many" is no positive number\n {2}Write a number/],
  ["run --health-addr here", /--health-addr: "here" is no address\n {2}Write host:port/],
];

test("wrong usage exits 2 and says the next step, never a stack", async () => {
  const answers = await Promise.all(wrong.map(([words]) => plumb(words.split(" "))));
  for (const [i, { code, stdout, stderr }] of answers.entries()) {
    const [words = "", expected = /never/] = wrong[i] ?? [];
    assert.match(stderr, expected);
    assert.doesNotMatch(stderr, noStack);
    assert.deepEqual([words, code, stdout], [words, 2, ""]);
  }
});

test("a reader that goes away ends the program quietly", () => {
  const program = fileURLToPath(new URL("../plumb.ts", import.meta.url));
  const command = `'${process.execPath}' '${program}' install --export | head -c 1`;
  const { stderr, stdout } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
  assert.deepEqual([stdout, stderr], ["-", ""]);
});

test("a home that cannot be written, or none, changes nothing", async () => {
  for (const HOME of ["/proc/nowhere", "/dev/null", ""]) {
    assert.deepEqual(await plumb(["--version"], { HOME }), { code: 0, stdout: "0.0.0\n", stderr: "" });
  }
});
