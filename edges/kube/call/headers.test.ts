// Impersonation headers and warnings as tables.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { impersonationHeaders } from "./identity-headers.ts";
import { readWarnings } from "./warnings.ts";

test("impersonationHeaders() writes every part, with keys escaped as client-go does", () => {
  const headers = impersonationHeaders({
    user: "system:serviceaccount:a:b",
    groups: ["g1", "g 2"],
    uid: "u",
    extra: { "acme.com/Why?": ["x", "y"], "100%": ["z"] },
  });
  assert.deepEqual(headers, {
    "impersonate-user": "system:serviceaccount:a:b",
    "impersonate-group": ["g1", "g 2"],
    "impersonate-uid": "u",
    "impersonate-extra-acme.com%2Fwhy%3F": ["x", "y"],
    // client-go escapes the percent sign itself, which HTTP would allow, so that decoding is certain
    "impersonate-extra-100%25": ["z"],
  });
  assert.deepEqual(impersonationHeaders({ user: "u", groups: [], extra: {} }), { "impersonate-user": "u" });
});

test("impersonationHeaders() refuses what would end up as another header or nobody", () => {
  for (const who of [
    { user: "" },
    { user: "a\r\nx-evil: 1" },
    { user: "a", groups: ["b\n"] },
    { user: "a", extra: { k: ["ä"] } },
    { user: " a" },
  ]) {
    assert.throws(() => impersonationHeaders(who), Failure);
  }
});

test("readWarnings() reads all texts with their quotes", () => {
  const header = '299 - "v1 Endpoints is deprecated", 299 - "unknown field \\"spec.x\\"", 199 - "other"';
  assert.deepEqual(readWarnings(header), ["v1 Endpoints is deprecated", 'unknown field "spec.x"']);
  assert.deepEqual(readWarnings(undefined), []);
  assert.equal(readWarnings('299 - "x", '.repeat(1000)).length, 50);
});
