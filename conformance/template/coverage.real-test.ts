// Every function of sprig has rows: the list of functions is Go's own, read from its map.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startOracle } from "./oracle.ts";
import { functions } from "./ours.ts";
import { builtins } from "./rows/builtins.ts";
import { edges } from "./rows/edges.ts";
import { language } from "./rows/language.ts";
import { sprig } from "./rows/sprig.ts";

const leastRows = 3;

test("every function of sprig's map has rows, and is one of ours", async (t) => {
  const oracle = await startOracle();
  const { output } = await oracle.run({ mode: "functions", name: "", template: "" });
  oracle.close();
  const names = Buffer.from(output).toString().split("\n");
  assert.ok(names.length > 200, `only ${names.length} functions`);
  const words = [...new Set([...language, ...builtins, ...sprig, ...edges])].map(
    (row) => new Set(row.match(/[A-Za-z]\w*/g)),
  );
  const counts = names.map((name) => [name, words.filter((row) => row.has(name)).length] as const);
  t.diagnostic(`${names.length} functions, ${words.length} rows`);
  assert.deepEqual(
    counts.filter(([, count]) => count < leastRows),
    [],
  );
  assert.deepEqual(
    names.filter((name) => !functions.has(name)),
    [],
  );
});
