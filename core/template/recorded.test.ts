// A sample of the rows of conformance/template, with the answers that Go gave when they were recorded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, type JsonValue } from "@plumbline/core/model";
import { encodeText } from "./bytes.ts";
import { compile } from "./template.ts";
import { fixedFunctions } from "./testdata/functions.ts";
import recorded from "./testdata/recorded.json" with { type: "json" };
import { fromJson } from "./value.ts";

interface Row {
  template: string;
  output?: string;
  error?: string;
}

function answer(template: string): Row {
  try {
    const data = fromJson(recorded.data as JsonValue); // the recording holds JSON
    const output = compile(template, { name: "row", functions: fixedFunctions }).execute(data);
    return { template, output: new TextDecoder().decode(encodeText(output)) };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { template, error: thrown.message };
  }
}

const rows: Row[] = recorded.rows;

test(`${rows.length} recorded rows come out as Go wrote them`, () => {
  for (const row of rows) assert.deepEqual(answer(row.template), row);
});
