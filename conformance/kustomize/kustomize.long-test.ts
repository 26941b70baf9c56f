// Thousands of generated kustomizations beside the real library, with a new seed each night.

import { ok } from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type fc from "fast-check";
import { checkGenerated } from "./differential.ts";
import { fuzz } from "./fuzz.ts";
import type { GeneratedFiles } from "./generate.ts";
import { layeredFiles } from "./generate-layers.ts";
import { KustomizeLibrary } from "./library.ts";

describe("core/kustomize, at length", () => {
  it("equals the real library on 2,000 generated kustomizations", { timeout: 900_000 }, (t) => compare(t));
  it("equals the real library on 2,000 layers", { timeout: 900_000 }, (t) => compare(t, layeredFiles));

  async function compare(t: TestContext, cases?: fc.Arbitrary<GeneratedFiles>): Promise<void> {
    const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
    const library = await KustomizeLibrary.start();
    try {
      const { equal, refused } = await checkGenerated(library, { runs: 2_000, seed, cases });
      t.diagnostic(`seed ${seed}: ${equal} equal, ${refused} refused by both`);
      ok(equal >= 600, `only ${equal} cases were accepted by kustomize (seed ${seed})`);
    } finally {
      await library.close();
    }
  }

  it("survives mutated input for a minute", { timeout: 300_000 }, () => {
    const found = fuzz({ seconds: 60, seed: Number(process.env["SEED"] ?? Date.now() % 1_000_000) });
    ok(found.builds > 1_000, `only ${found.builds} builds in a minute`);
  });
});
