// Reading a GitRepository: defaults, what is refused, and how it is said.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Failure, type JsonObject, type Manifest } from "@plumbline/core/model";
import { failureOf } from "@plumbline/testkit/delivery";
import { readGitRepository } from "./read-git-repository.ts";

function repository(spec: JsonObject, metadata: JsonObject = {}): Manifest {
  return {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "GitRepository",
    metadata: { name: "fleet", namespace: "flux-system", ...metadata },
    spec: { url: "https://git.example.com/fleet.git", interval: "1m", ...spec },
  };
}

function refusalOf(object: Manifest): Failure {
  return failureOf(() => readGitRepository(object));
}

test("a plain repository gets Flux's defaults", () => {
  assert.deepEqual(readGitRepository(repository({}, { uid: "u1", generation: 3, resourceVersion: "12" })), {
    origin: {
      group: "source.toolkit.fluxcd.io",
      version: "v1",
      kind: "GitRepository",
      namespace: "flux-system",
      name: "fleet",
      uid: "u1",
      generation: 3,
      resourceVersion: "12",
    },
    kind: "GitRepository",
    url: "https://git.example.com/fleet.git",
    ref: { branch: "master" },
    secret: undefined,
    ignore: undefined,
    intervalMs: 60_000,
    timeoutMs: 60_000,
    suspended: false,
    deleting: false,
    requestedAt: undefined,
  });
});

test("everything that is supported is read", () => {
  const source = readGitRepository(
    repository(
      {
        ref: { branch: "main", tag: "", semver: ">=1.0.0" },
        secretRef: { name: "git-login" },
        ignore: "/*\n!/apps\n",
        timeout: "2m",
        suspend: true,
        provider: "generic",
        include: [],
      },
      { annotations: { "reconcile.fluxcd.io/requestedAt": "now" }, deletionTimestamp: "2026-01-01T00:00:00Z" },
    ),
  );
  assert.deepEqual(source.ref, { branch: "main", semver: ">=1.0.0" });
  assert.deepEqual(source.secret, { kind: "Secret", namespace: "flux-system", name: "git-login", optional: false });
  assert.equal(source.ignore, "/*\n!/apps\n");
  assert.equal(source.timeoutMs, 120_000);
  assert.equal(source.suspended, true);
  assert.equal(source.deleting, true);
  assert.equal(source.requestedAt, "now");
});

test("each field that is not supported is named, and never skipped in silence", () => {
  const rows: [string, JsonObject][] = [
    ["spec.verify", { verify: { secretRef: { name: "keys" } } }],
    ["spec.include", { include: [{ repository: { name: "other" } }] }],
    ["spec.recurseSubmodules", { recurseSubmodules: true }],
    ["spec.sparseCheckout", { sparseCheckout: ["apps"] }],
    ["spec.proxySecretRef", { proxySecretRef: { name: "proxy" } }],
    ["spec.provider", { provider: "azure" }],
    ["spec.url", { url: "ssh://git@git.example.com/fleet.git" }],
  ];
  for (const [field, spec] of rows) {
    const failure = refusalOf(repository(spec));
    assert.equal(failure.reason, "UnsupportedField", field);
    assert.equal(failure.retry, "never");
    assert.equal(failure.where?.field, field);
    assert.equal(failure.where?.object, "GitRepository/flux-system/fleet");
    assert.ok(failure.hint);
  }
  const both = refusalOf(
    repository({ verify: { secretRef: { name: "k" } }, provider: "aws", serviceAccountName: "sa" }),
  );
  assert.match(both.message, /^spec\.verify, spec\.provider, spec\.serviceAccountName: not supported/u);
});

test("what is not fetched is not refused: suspended, or being deleted", () => {
  const verify = { secretRef: { name: "keys" } };
  assert.equal(readGitRepository(repository({ verify, suspend: true })).suspended, true);
  const deleting = { deletionTimestamp: "2026-01-01T00:00:00Z" };
  assert.equal(readGitRepository(repository({ verify, url: "ssh://git@x/y" }, deleting)).deleting, true);
});

test("a wrong spec names every field that is wrong", () => {
  const failure = refusalOf(repository({ interval: "5", timeout: "1h", ref: "main", url: "git@example.com:x.git" }));
  assert.equal(failure.reason, "InvalidSpec");
  assert.equal(failure.retry, "never");
  for (const field of ["spec.url", "spec.interval", "spec.timeout", "spec.ref must be a mapping"]) {
    assert.ok(failure.message.includes(field), `${field} in ${failure.message}`);
  }
  assert.match(refusalOf({ ...repository({}), spec: "x" }).message, /spec must be a mapping/u);
  assert.match(
    refusalOf({ ...repository({}), apiVersion: "source.toolkit.fluxcd.io/v1beta2" }).message,
    /must be source/u,
  );
});

test("addresses that could be taken for something else are refused without being repeated", () => {
  for (const url of [
    "https://",
    "http://a b/x",
    "https://user:pass word@host/x",
    "https://host/\u0007",
    "https://[::1/x",
  ]) {
    const failure = refusalOf(repository({ url }));
    assert.equal(failure.reason, "URLInvalid", url);
    assert.ok(!failure.message.includes("pass word"));
  }
});
