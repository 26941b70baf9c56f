// Substituted values of Secrets in error texts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { maskValues } from "./mask-secrets.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

test("values are hidden as they stand, quoted, line by line and in base64; short ones stay", () => {
  const rows: [string, string, string][] = [
    ["hunter2", "spec: Invalid value: hunter2", "spec: Invalid value: ***"],
    ['a"b\\c', String.raw`Invalid value: "a\"b\\c"`, `Invalid value: "***"`],
    ["line one\nline two", "bad: line two", "bad: ***"],
    ["line one\nline two", "joined: line oneline two", "joined: ***"],
    ["hunter2", `data: ${base64("hunter2")}`, "data: ***"],
    ["dev", "namespace dev not found", "namespace dev not found"],
  ];
  for (const [secret, message, expected] of rows) {
    const masked = maskValues(new Failure({ reason: "BuildFailed", message }), [base64(secret)]);
    assert.equal(masked.message, expected);
  }
});

test("the place, the hint and the failure behind are hidden too; what holds no secret is the same failure", () => {
  const behind = new Failure({ reason: "NotFound", message: "no hunter2" });
  const failure = new Failure({
    reason: "ReconciliationFailed",
    message: "refused",
    hint: "rename hunter2",
    where: { object: "ConfigMap/a/hunter2", line: 3 },
    cause: behind,
  });
  const masked = maskValues(failure, [base64("hunter2")]);
  assert.deepEqual(masked.where, { object: "ConfigMap/a/***", line: 3 });
  assert.equal(masked.hint, "rename ***");
  assert.equal((masked.cause as Failure).message, "no ***");
  assert.equal(maskValues(failure, [base64("other-value")]), failure);
});
