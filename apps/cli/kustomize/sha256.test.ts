// Beside node:crypto.

import { strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { it } from "node:test";
import { sha256 } from "./sha256.ts";

it("hashes as node:crypto does, short texts and long ones", () => {
  for (const text of ["", "a", "ä€😀\ud800", "x".repeat(55), "x".repeat(64), "y".repeat(3_000), "z".repeat(200_000)]) {
    strictEqual(sha256(text), createHash("sha256").update(text).digest("hex"));
  }
});
