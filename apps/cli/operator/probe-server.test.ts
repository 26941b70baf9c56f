// Addresses as flags give them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { parseAddress } from "./probe-server.ts";

test("an address is host:port, or :port for all interfaces", () => {
  assert.deepEqual(parseAddress("127.0.0.1:8080", "--x"), { host: "127.0.0.1", port: 8080 });
  assert.deepEqual(parseAddress(":0", "--x"), { host: undefined, port: 0 });
});

test("what is no address is refused with the flag and the next step", () => {
  for (const text of ["", "8080", "host:", "host:x", "host:65536", "host:-1", "host:1.5", ":"]) {
    const isUsage = (error: unknown): boolean =>
      error instanceof Failure && error.reason === "UsageError" && error.message.startsWith("--x: ");
    assert.throws(() => parseAddress(text, "--x"), isUsage, text);
  }
});
