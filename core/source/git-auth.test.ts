// Secrets of Git sources, key by key.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { readGitSecret } from "./git-auth.ts";

test("readGitSecret() reads Flux's keys", () => {
  assert.deepEqual(readGitSecret({ username: "u", password: "p" }), { username: "u", password: "p" });
  assert.deepEqual(readGitSecret({ bearerToken: "t", username: "u" }), { bearerToken: "t" });
  assert.deepEqual(readGitSecret({ "ca.crt": "new", caFile: "old" }), { ca: "new" });
  assert.deepEqual(readGitSecret({ caFile: "old" }), { ca: "old" });
  assert.deepEqual(readGitSecret({ "tls.crt": "c", "tls.key": "k" }), { clientCertificate: "c", clientKey: "k" });
  assert.deepEqual(readGitSecret({}), {});
});

test("readGitSecret() refuses halves", () => {
  const isRefused = (data: Record<string, string>): void =>
    assert.throws(
      () => readGitSecret(data),
      (error) => error instanceof Failure && error.reason === "AuthenticationFailed",
    );
  isRefused({ password: "p" });
  isRefused({ "tls.crt": "c" });
});
