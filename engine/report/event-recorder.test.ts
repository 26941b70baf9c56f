// Events on a cluster that answers when it is told to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Manifest, digString } from "@plumbline/core/model";
import { steppedClock } from "@plumbline/testkit/clock";
import type { Ports } from "../ports/index.ts";
import { EventRecorder } from "./event-recorder.ts";

const object: Manifest = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "app", namespace: "site", uid: "1", resourceVersion: "7" },
};

/** Creations wait until they are answered, the first one first. */
function slowCluster(): {
  recorder: EventRecorder;
  clock: ReturnType<typeof steppedClock>;
  log: string[];
  texts: () => string[];
  answer: (error?: Error) => Promise<void>;
} {
  const created: Manifest[] = [];
  const answers: ((error?: Error) => void)[] = [];
  const log: string[] = [];
  const clock = steppedClock();
  const kube = {
    create: (event: Manifest) => {
      created.push(event);
      return new Promise<void>((resolve, reject) => answers.push((error) => (error ? reject(error) : resolve())));
    },
  };
  const ports = {
    kube,
    clock,
    sha256: (text: string) => text.padEnd(16, "0"),
    log: { error: (line: string) => log.push(line) },
  };
  return {
    recorder: new EventRecorder(ports as unknown as Ports), // the recorder needs no more of them
    clock,
    log,
    texts: () => created.map((event) => digString(event, "message") ?? ""),
    answer: async (error) => {
      answers.shift()?.(error);
      for (let i = 0; i < 4; i++) await Promise.resolve();
    },
  };
}

function told(count: number): { type: "Normal"; reason: string; message: string }[] {
  return Array.from({ length: count }, (_, i) => ({ type: "Normal", reason: "Progressing", message: `${i}` }));
}

test("two events are written at once, the others in their order, also after one that is refused", async () => {
  const { recorder, texts, answer, log } = slowCluster();
  recorder.record(object, told(4), "tester");
  assert.deepEqual(texts(), ["0", "1"]);
  await answer(new Error("refused"));
  assert.deepEqual(log, ["event not recorded"]);
  assert.deepEqual(texts(), ["0", "1", "2"]);
  await answer();
  assert.deepEqual(texts(), ["0", "1", "2", "3"]);
});

test("more events than may wait leave out the oldest, and say so", async () => {
  const { recorder, texts, answer, log } = slowCluster();
  recorder.record(object, told(2), "tester");
  recorder.record(object, told(20_003), "tester");
  assert.deepEqual(log, ["events left out: the API server takes them too slowly"]);
  await answer();
  assert.deepEqual(texts(), ["0", "1", "3"]);
});

test("settle() waits for the last event, but not for ever", async () => {
  const { recorder, clock, answer } = slowCluster();
  await recorder.settle(1000);
  recorder.record(object, told(1), "tester");
  let isSettled = false;
  const settled = recorder.settle(1000).then(() => (isSettled = true));
  await answer();
  await settled;
  recorder.record(object, told(1), "tester");
  isSettled = false;
  const given = recorder.settle(1000).then(() => (isSettled = true));
  await Promise.resolve();
  assert.equal(isSettled, false);
  clock.advance(1000);
  await given;
  assert.equal(isSettled, true);
});
