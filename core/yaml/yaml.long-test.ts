// YAML beside Go, with far more generated texts and values than the usual run.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonValue } from "@plumbline/core/model";
import { toYaml } from "./emit.ts";
import { toGoJson } from "./go-json.ts";
import { parseYaml } from "./parse.ts";
import { compare, compareNodeTexts, compareTrees } from "./testing/beside-go.ts";
import { sampleJson, sampleTexts } from "./testing/samples.ts";

const SEEDS = [101, 102, 103, 104, 105, 106];

describe("YAML beside Go, at length", () => {
  for (const seed of SEEDS) {
    it(`reads and writes 60,000 damaged texts like Go (seed ${seed})`, async () => {
      const { texts, plain } = sampleTexts(seed, 60_000);
      await compare("toJson", texts, (text) => toGoJson(parseYaml(text)));
      assert.ok((await compareTrees(plain)) < plain.length / 1000);
      assert.ok((await compareNodeTexts(plain, "wide")) > plain.length / 10);
    });

    it(`writes 20,000 values like Go (seed ${seed})`, async () => {
      // Go's order of keys goes in circles for keys like 9, 10 and 1y: what comes out is random there.
      const jsons = sampleJson(seed, 20_000).filter((json) => !/[\u007f-\u009f]|"\d+[^\d"]/.test(json));
      await compare("marshal", jsons, (json) => toYaml(JSON.parse(json) as JsonValue));
    });
  }
});
