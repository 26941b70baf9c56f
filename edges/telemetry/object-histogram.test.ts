// Histograms by object, beside the ones of the library that tells of everything else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Histogram, Registry } from "prom-client";
import { ObjectHistogram } from "./object-histogram.ts";

const options = {
  name: "duration_seconds",
  help: "How long it took.",
  labelNames: ["name", "namespace"] as const,
  buckets: [0.01, 0.5, 2],
};

const strange = ['quo"ted', "back\\slash", "two\nlines", ""];

test("the same samples as the library's, whatever the labels are", async () => {
  const registry = new Registry();
  const theirs = new Histogram({ ...options, buckets: [...options.buckets], registers: [registry] });
  const ours = new ObjectHistogram(options);
  for (const name of strange) {
    for (const value of [0.01, 0.005, 0.3, 2.1, 100]) {
      theirs.observe({ name, namespace: "site" }, value);
      ours.observe({ name, namespace: "site" }, value);
    }
  }
  const sorted = (text: string): string[] => text.split("\n").filter(Boolean).sort();
  assert.deepEqual(sorted([...ours.expose()].join("")), sorted(await registry.metrics()));
});

test("many objects come in pieces, each once, and the header before them", () => {
  const histogram = new ObjectHistogram(options);
  assert.deepEqual([...histogram.expose()], [], "nothing is told of nothing");
  for (let i = 0; i < 120; i++) histogram.observe({ name: `app-${i}`, namespace: "site" }, 1);
  const pieces = [...histogram.expose()];
  assert.equal(pieces.length, 3);
  assert.ok(pieces[0]?.startsWith("# HELP duration_seconds How long it took.\n# TYPE duration_seconds histogram\n"));
  const counts = pieces.join("").match(/^duration_seconds_count\{.*\} 1$/gm) ?? [];
  assert.equal(new Set(counts).size, 120);
});

test("an object that is removed is told no more", () => {
  const histogram = new ObjectHistogram(options);
  histogram.observe({ name: "app", namespace: "site" }, 1);
  histogram.remove({ name: "app", namespace: "site" });
  histogram.remove({ name: "unknown", namespace: "site" });
  assert.deepEqual([...histogram.expose()], []);
});

test("an object that goes and comes back while somebody reads is told once", () => {
  const histogram = new ObjectHistogram(options);
  for (let i = 0; i < 120; i++) histogram.observe({ name: `app-${i}`, namespace: "site" }, 1);
  const pieces = histogram.expose();
  let text = pieces.next().value ?? "";
  for (const name of ["app-3", "app-70"]) {
    histogram.remove({ name, namespace: "site" });
    histogram.observe({ name, namespace: "site" }, 1);
  }
  histogram.remove({ name: "app-119", namespace: "site" });
  for (const piece of pieces) text += piece;
  const counts = text.match(/^duration_seconds_count\{.*\} 1$/gm) ?? [];
  assert.equal(counts.length, 119);
  assert.equal(new Set(counts).size, 119);
});
