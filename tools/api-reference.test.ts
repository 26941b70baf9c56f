// The API references are what the doc comments say today.

import { strictEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { apiReference, documentedRooms } from "./api-reference.ts";

for (const room of documentedRooms) {
  it(`core/${room}/API.md is up to date: run node tools/api-reference.ts`, () => {
    const file = join(import.meta.dirname, "..", "core", room, "API.md");
    strictEqual(readFileSync(file, "utf8"), apiReference(room));
  });
}
