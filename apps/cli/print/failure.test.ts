// How failures are shown.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { failureText } from "./failure.ts";

test("what, where and the next step stand on two lines", () => {
  const failure = new Failure({
    reason: "BuildFailed",
    message: "no such file",
    hint: "Add it.",
    where: { file: "app/kustomization.yaml", line: 3 },
  });
  assert.equal(failureText(failure), "✗ app/kustomization.yaml:3: no such file\n  Add it.\n");
});

test("a place that the message names already is not said twice", () => {
  const failure = new Failure({
    reason: "NotFound",
    message: "Deployment/shop/web is gone",
    where: { object: "Deployment/shop/web" },
  });
  assert.equal(failureText(failure), "✗ Deployment/shop/web is gone\n");
});

test("a server's text cannot drive the terminal", () => {
  const failure = new Failure({ reason: "ReconciliationFailed", message: "bad\u001b]0;title\u0007\nsecond" });
  assert.equal(failureText(failure), "✗ bad ]0;title \nsecond\n");
});

test("a defect says so without a stack; the stack is there for who asks", () => {
  const text = failureText(new TypeError("x is undefined"));
  assert.equal(text, "✗ x is undefined\n  This is a defect of plumb: run it again with PLUMB_DEBUG=1 and report it.\n");
  assert.match(failureText(new TypeError("x is undefined"), true), /\n {4}at /);
});

test("what the system refuses is no defect", () => {
  const error = Object.assign(new Error("ENOENT: no such file, open 'x'"), { syscall: "open" });
  assert.equal(failureText(error), "✗ ENOENT: no such file, open 'x'\n");
});
