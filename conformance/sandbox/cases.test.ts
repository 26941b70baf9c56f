// The sandbox answers the API cases as the real server did; the real tests show that it still does.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type RunningSandbox, startSandbox } from "@plumbline/sandbox/server";
import { FakeClock } from "@plumbline/sandbox/testing";
import { readAnswers } from "./answers.ts";
import { runCase, type Send } from "./run-case.ts";
import { apiCases, prepare, sender } from "./servers.ts";
import { skips } from "./skip-table.ts";

const answers = readAnswers();
let sandbox: RunningSandbox;
let send: Send;

before(async () => {
  const clock = new FakeClock(Date.parse("2026-01-01T00:00:00Z"));
  sandbox = await startSandbox({ clock, controllers: { run: "none" } });
  send = sender({ url: sandbox.url });
  await prepare(send, () => new Promise((resolve) => setImmediate(resolve)));
});
after(() => sandbox.stop());

for (const [i, apiCase] of apiCases.entries()) {
  test(`the sandbox answers as a real server: ${apiCase.name}`, async () => {
    const recorded = answers[apiCase.name];
    assert.ok(recorded, "no recorded answer: run the real test with PLUMBLINE_RECORD=1");
    const got = await runCase(send, apiCase, `case-${i}`);
    for (const [step, answer] of got.entries()) {
      const { method, path } = apiCase.steps[step] ?? { method: "", path: "" };
      const isSkipped = skips.some((skip) => skip.name === apiCase.name && skip.step === step);
      const compare = isSkipped ? assert.notDeepEqual : assert.deepEqual;
      compare(
        answer,
        recorded[step],
        `step ${step}: ${method} ${path}${isSkipped ? " is skipped, yet equal: remove the skip" : ""}`,
      );
    }
  });
}

test("every skip names a step that there is", () => {
  for (const { name, step } of skips) {
    assert.ok(apiCases.find((apiCase) => apiCase.name === name)?.steps[step], `${name}, step ${step}`);
  }
});

test("the README prints how many answers are equal", () => {
  const all = apiCases.reduce((sum, apiCase) => sum + apiCase.steps.length, 0);
  const readme = readFileSync(join(import.meta.dirname, "../../sandbox/README.md"), "utf8");
  assert.match(readme, new RegExp(`${all - skips.length} of ${all} answers`));
});
