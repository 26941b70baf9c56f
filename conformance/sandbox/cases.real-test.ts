// The same cases on a real kube-apiserver: the recorded answers are what it says today.
// PLUMBLINE_RECORD=1 records them anew.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ControlPlane, startControlPlane } from "@plumbline/testkit/control-plane";
import { type Answers, readAnswers, writeAnswers } from "./answers.ts";
import { runCase, type Send } from "./run-case.ts";
import { apiCases, prepare, sender } from "./servers.ts";

const pollMs = 100;
/** A new group appears in aggregated discovery a moment after its resources are served. */
const discoveryMs = 1500;
const isRecording = process.env["PLUMBLINE_RECORD"] === "1";
let controlPlane: ControlPlane;
let send: Send;

before(async () => {
  // Without controllers: what is compared is the API server alone.
  controlPlane = await startControlPlane({ controllerManagerArgs: false });
  send = sender({ url: controlPlane.url, caPem: controlPlane.caPem, token: controlPlane.adminToken });
  await prepare(send, () => sleep(pollMs));
  await sleep(discoveryMs);
});
after(() => controlPlane.stop());

test(`a real kube-apiserver gives the recorded answers (${apiCases.length} cases)`, async () => {
  const answers: Answers = {};
  for (const [i, apiCase] of apiCases.entries()) answers[apiCase.name] = await runCase(send, apiCase, `case-${i}`);
  if (isRecording) return writeAnswers(answers);
  const recorded = readAnswers();
  for (const { name, steps } of apiCases) {
    for (const [i, { method, path }] of steps.entries()) {
      assert.deepEqual(answers[name]?.[i], recorded[name]?.[i], `${name}, step ${i}: ${method} ${path}`);
    }
  }
});
