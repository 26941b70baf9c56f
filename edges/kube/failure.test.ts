// Refusals of the API server as failures; Secrets stay secret.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, formatFailure } from "@plumbline/core/model";
import {
  apiStatus,
  failureOf,
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isKindUnknown,
  isNotFound,
  isTooManyRequests,
  isUnauthorized,
  MAX_MESSAGE_LENGTH,
} from "./failure.ts";
import type { Subject } from "./request.ts";

const deployment: Subject = {
  verb: "apply",
  group: "apps",
  version: "v1",
  kind: "Deployment",
  resource: "deployments",
  namespace: "shop",
  name: "web",
  dryRun: false,
};
const secret: Subject = { ...deployment, group: "", kind: "Secret", resource: "secrets", name: "key" };

function status(code: number, reason: string, message: string, details: object = { name: "web" }): string {
  return JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message, details });
}

function fail(code: number, body: string, subject: Subject = deployment, retryAfter?: string): Failure {
  return failureOf(subject, { status: code, body, retryAfter }, Date.UTC(2026, 0, 1));
}

test("failureOf() gives every status its reason, and the guards tell them apart", () => {
  const rbac = 'deployments.apps "web" is forbidden: User "u" cannot patch resource "deployments" in API group "apps"';
  const rows: [Failure, string, (thrown: unknown) => boolean][] = [
    [fail(404, status(404, "NotFound", 'deployments.apps "web" not found')), "NotFound", isNotFound],
    [fail(404, "404 page not found"), "NotFound", isKindUnknown],
    [
      fail(404, status(404, "NotFound", "the server could not find the requested resource", {})),
      "NotFound",
      isKindUnknown,
    ],
    [fail(409, status(409, "AlreadyExists", '"web" already exists')), "Conflict", isAlreadyExists],
    [fail(409, status(409, "Conflict", "the object has been modified")), "Conflict", isConflict],
    [fail(403, status(403, "Forbidden", rbac)), "AccessDenied", isForbidden],
    [fail(403, status(403, "Forbidden", "exceeded quota: q")), "ReconciliationFailed", isForbidden],
    [fail(401, status(401, "Unauthorized", "Unauthorized")), "AuthenticationFailed", isUnauthorized],
    [fail(410, status(410, "Expired", "too old resource version")), "Conflict", isExpired],
    [fail(422, status(422, "Invalid", "spec.replicas: must be positive")), "ReconciliationFailed", isInvalid],
    [fail(429, status(429, "TooManyRequests", "too many")), "ClusterUnreachable", isTooManyRequests],
    [fail(413, status(413, "RequestEntityTooLarge", "limit is 3145728")), "LimitExceeded", () => true],
    [fail(503, "<html>no upstream</html>"), "ClusterUnreachable", () => true],
  ];
  const guards = [isNotFound, isKindUnknown, isAlreadyExists, isConflict, isExpired, isInvalid, isTooManyRequests];
  for (const [failure, reason, guard] of rows) {
    assert.equal(failure.reason, reason, failure.message);
    assert.ok(guard(failure), failure.message);
    assert.ok(guards.filter((other) => other(failure)).length <= 1, failure.message);
    assert.ok(failure.hint, "every refusal has a next step");
  }
});

test("failureOf() turns the server's causes into a field path and keeps them all", () => {
  const causes = [
    { reason: "FieldValueInvalid", message: 'Invalid value: "x"', field: "spec.template.spec.containers[0].image" },
    { reason: "FieldValueRequired", message: "Required value", field: "spec.selector" },
  ];
  const failure = fail(422, status(422, "Invalid", "web is invalid", { name: "web", causes }));
  assert.equal(failure.where?.field, "spec.template.spec.containers[0].image");
  assert.equal(failure.where?.object, "Deployment/shop/web");
  assert.deepEqual(
    apiStatus(failure)?.causes.map((cause) => cause.field),
    ["spec.template.spec.containers[0].image", "spec.selector"],
  );
  assert.equal(
    formatFailure(failure),
    "Deployment/shop/web: spec.template.spec.containers[0].image: web is invalid. Correct the named fields.",
  );
});

test("failureOf() tells a conflict of field managers from a conflict of versions", () => {
  const causes = [{ reason: "FieldManagerConflict", message: 'conflict with "kubectl"', field: ".spec.replicas" }];
  const failure = fail(409, status(409, "Conflict", "Apply failed with 1 conflict", { name: "web", causes }));
  assert.equal(failure.where?.field, "spec.replicas");
  assert.match(failure.hint ?? "", /force/);
});

test("failureOf() reads Retry-After in seconds, as a date, and from the details", () => {
  const busy = status(429, "TooManyRequests", "slow down", { retryAfterSeconds: 7 });
  assert.deepEqual(fail(429, busy, deployment, "3").retry, { afterMs: 3000 });
  assert.deepEqual(fail(429, busy, deployment, "Thu, 01 Jan 2026 00:00:05 GMT").retry, { afterMs: 5000 });
  assert.deepEqual(fail(429, busy, deployment, "999999999999").retry, { afterMs: 7000 });
  assert.deepEqual(fail(429, busy).retry, { afterMs: 7000 });
  assert.equal(fail(503, "").retry, "backoff");
});

test("failureOf() never repeats what the server quotes of a Secret", () => {
  const value = "c3VwZXItc2VjcmV0";
  const cause = { reason: "FieldValueInvalid", message: `Invalid value: "${value}"`, field: "data.password" };
  const bodies: [number, string][] = [
    [
      422,
      status(422, "Invalid", `Secret "key" is invalid: data[password]: ${value}`, { name: "key", causes: [cause] }),
    ],
    [400, status(400, "BadRequest", `illegal base64 data at input byte 4: ${value}`)],
    [400, `cannot decode ${value}`],
    [403, status(403, "Forbidden", `admission webhook "w" denied the request: ${value} is too short`)],
    [500, status(500, "InternalError", `failed calling webhook: ${value}`)],
  ];
  for (const [code, body] of bodies) {
    for (const subject of [secret, { ...secret, kind: "" }]) {
      const failure = fail(code, body, subject);
      const told = `${formatFailure(failure)}${JSON.stringify(apiStatus(failure))}${String(failure.stack)}`;
      assert.ok(!told.includes(value), told);
      assert.match(failure.message, /withheld/);
    }
  }
  assert.match(fail(400, bodies[1]?.[1] ?? "", secret).message, /answered 400: illegal base64 data at input byte 4 \(/);
  const invalid = fail(422, bodies[0]?.[1] ?? "", secret);
  assert.match(
    invalid.message,
    /apply Secret\/shop\/key: the API server answered 422: data.password \(FieldValueInvalid\)/,
  );
});

test("failureOf() keeps the harmless texts about Secrets", () => {
  const missing = fail(404, status(404, "NotFound", 'secrets "key" not found', { name: "key" }), secret);
  assert.equal(missing.message, 'secrets "key" not found');
  const denied =
    'secrets "key" is forbidden: User "u" cannot get resource "secrets" in API group "" in the namespace "n"';
  assert.equal(fail(403, status(403, "Forbidden", denied), secret).message, denied);
});

test("failureOf() cuts what a webhook writes without end", () => {
  const failure = fail(400, status(400, "BadRequest", "x".repeat(1_000_000)));
  assert.equal(failure.message.length, MAX_MESSAGE_LENGTH + 1);
});

test("the guards answer false for anything else", () => {
  for (const thrown of [
    undefined,
    null,
    new Error("x"),
    new Failure({ reason: "NotFound", message: "x" }),
    "NotFound",
  ]) {
    assert.equal(isNotFound(thrown), false);
    assert.equal(isConflict(thrown), false);
  }
});

test("a value of another type is the manifest's mistake, not the server's", () => {
  const text =
    "failed to create typed patch object (shop/web; /v1, Kind=ConfigMap): .data.port: expected string, got 80";
  const failure = fail(500, status(500, "", text));
  assert.equal(failure.reason, "ReconciliationFailed");
  assert.match(formatFailure(failure), /\.data\.port: expected string, .*what is meant as text stands in quotes/);
});
