// The API reference is what the doc comments say today.

import { strictEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { apiReference } from "./api-reference.ts";

it("core/kustomize/API.md is up to date: run node conformance/kustomize/api-reference.ts", () => {
  const file = join(import.meta.dirname, "..", "..", "core", "kustomize", "API.md");
  strictEqual(readFileSync(file, "utf8"), apiReference());
});
