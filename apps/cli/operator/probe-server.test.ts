// Addresses as flags give them, and metrics of many objects.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { createMetrics } from "@plumbline/edges/telemetry";
import { parseAddress, startMetricsServer } from "./probe-server.ts";

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

test("metrics of a thousand objects arrive whole, also beside somebody who goes away in between", async (t) => {
  const metrics = createMetrics();
  for (let i = 0; i < 1000; i++) {
    metrics.reconciled({ kind: "Kustomization", namespace: "site", name: `app-${i}` }, 0.1, "success");
  }
  const server = await startMetricsServer("127.0.0.1:0", metrics);
  t.after(() => server.close());
  const hasty = new AbortController();
  const left = await fetch(`${server.url}/metrics`, { signal: hasty.signal });
  hasty.abort();
  await assert.rejects(left.text(), { name: "AbortError" });
  const answer = await fetch(`${server.url}/metrics`);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  const counts = text.match(/^gotk_reconcile_duration_seconds_count\{.*\} 1$/gm) ?? [];
  assert.equal(new Set(counts).size, 1000);
  assert.equal(text.split("# TYPE gotk_reconcile_duration_seconds histogram").length, 2);
  assert.match(text, /^process_resident_memory_bytes \d/m);
});
