// core/kustomize beside kustomize v5.8.1: our fixtures and generated cases always, the corpus where it is.

import { ok, strictEqual } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { memoryTree } from "@plumbline/core/model";
import { kustomizeBinary } from "@plumbline/testkit/go";
import { ownCases } from "./cases.ts";
import {
  difference,
  ourOutcome,
  readKrustyCases,
  realOutcome,
  repoCases,
  runKrustyCase,
  runRepoCase,
  runRealBinary,
} from "./corpus.ts";
import { checkGenerated } from "./differential.ts";
import { layeredFiles } from "./generate-layers.ts";
import { KustomizeLibrary } from "./library.ts";

const corpus = process.env["PLUMBLINE_CORPUS"];
const noCorpus = corpus ? false : "corpus: NOT RUN (PLUMBLINE_CORPUS is not set)";

/** Cases of the suite that need what we do not do; see README.md. */
const SKIPPED = new Map([["TestSedTransformer-1", "an exec plugin, which v5.8.1 refuses as well"]]);

describe("core/kustomize equals the real binary on our fixtures", () => {
  let binary = "";
  let scratch = "";
  before(async () => {
    binary = await kustomizeBinary();
    scratch = mkdtempSync(join(tmpdir(), "plumbline-cases-"));
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  for (const [i, test] of ownCases.entries()) {
    it(test.name, () => {
      const root = join(scratch, String(i));
      for (const [path, text] of Object.entries(test.files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      const theirs = runRealBinary(binary, join(root, test.directory ?? ""));
      const ours = ourOutcome(memoryTree(test.files), test.directory ?? "");
      strictEqual(difference(ours, theirs), undefined);
      if (test.refused === undefined) ok("yaml" in theirs, `kustomize refuses: ${JSON.stringify(theirs)}`);
      else
        ok(
          "error" in ours && ours.error.includes(test.refused),
          `the failure misses ${test.refused}: ${JSON.stringify(ours)}`,
        );
    });
  }
});

describe("core/kustomize equals the real library on generated kustomizations", () => {
  const seed = Number(process.env["SEED"] ?? 20_26);
  for (const [title, cases] of [
    ["150 cases of random objects", { runs: 150, seed }],
    ["100 cases of layers over people's objects", { runs: 100, seed, cases: layeredFiles }],
  ] as const) {
    it(title, { timeout: 300_000 }, async () => {
      const library = await KustomizeLibrary.start();
      try {
        const { equal } = await checkGenerated(library, cases);
        ok(equal >= 40, `only ${equal} cases were accepted by kustomize`);
      } finally {
        await library.close();
      }
    });
  }
});

describe("core/kustomize on kustomize's own suite", { skip: noCorpus }, () => {
  it("still differs where the skip table says so", () => {
    const skipped = corpus ? readKrustyCases(corpus).filter((test) => SKIPPED.has(test.name)) : [];
    strictEqual(skipped.length, SKIPPED.size);
    for (const test of skipped) {
      const ours = runKrustyCase(test);
      ok(
        "error" in ours && test.output !== undefined,
        `${test.name} is no difference any more: take it out of SKIPPED`,
      );
    }
  });

  for (const test of corpus ? readKrustyCases(corpus) : []) {
    it(test.name, { skip: SKIPPED.get(test.name) ?? false }, () => {
      const theirs = test.output === undefined ? { error: test.error ?? "" } : { yaml: test.output };
      strictEqual(difference(runKrustyCase(test), theirs), undefined);
    });
  }
});

describe("core/kustomize on every kustomization of the sample repositories", { skip: noCorpus }, () => {
  const remembered = join(homedir(), ".cache", "plumbline", "kustomize-answers");
  const repos = Map.groupBy(corpus ? repoCases(corpus) : [], (test) => test.repo);
  for (const [repo, tests] of repos) {
    it(`${repo}: ${tests.length} builds`, { timeout: 600_000 }, async () => {
      const binary = await kustomizeBinary();
      const failed = tests.flatMap((test) => {
        const found = difference(runRepoCase(test), realOutcome(binary, test, remembered));
        return found === undefined ? [] : [`${test.directory} ${test.restrictor}\n${found}`];
      });
      strictEqual(failed.join("\n"), "");
    });
  }
});
