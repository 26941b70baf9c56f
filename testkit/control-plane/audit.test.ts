// Reading and counting the audit log.

import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type AuditEvent, countRequests } from "./index.ts";
import { openAuditLog } from "./audit.ts";

function line(verb: string, uri: string, more: Partial<AuditEvent> = {}): string {
  const times = { requestReceivedTimestamp: "", stageTimestamp: "" };
  const event = { stage: "ResponseComplete", verb, requestURI: uri, user: { username: "admin" }, ...times, ...more };
  return `${JSON.stringify(event)}\n`;
}

test("openAuditLog() reads what is new, whole lines only, and filters", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plumbline-audit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "audit.log");
  const log = openAuditLog(file);
  assert.deepEqual(await log.read(), []);
  appendFileSync(file, line("get", "/a") + line("get", "/b").slice(0, 20));
  assert.deepEqual(
    (await log.read()).map((event) => event.requestURI),
    ["/a"],
  );
  appendFileSync(
    file,
    line("get", "/b").slice(20) + line("get", "/ü", { userAgent: "plumb/1", objectRef: { namespace: "x" } }),
  );
  const both = { userAgent: "plumb", namespace: "x", username: "admin" };
  assert.deepEqual(
    (await log.read(both)).map((event) => event.requestURI),
    ["/ü"],
  );
  appendFileSync(file, line("get", "/c"));
  await log.skip();
  assert.deepEqual(await log.read(), []);
  assert.deepEqual(await log.read({ username: "nobody" }), []);
});

test("openAuditLog() counts a watch once, when it begins", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plumbline-audit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "audit.log");
  const began = line("watch", "/w", { stage: "ResponseStarted" });
  appendFileSync(file, began + line("watch", "/w") + line("get", "/exec", { stage: "ResponseStarted" }));
  assert.equal((await openAuditLog(file).read()).length, 1);
});

test("countRequests() tells verbs, resources, subresources and dry-runs apart, the most frequent first", () => {
  const event = (verb: string, uri: string, objectRef?: AuditEvent["objectRef"]): AuditEvent =>
    JSON.parse(line(verb, uri, objectRef && { objectRef })) as AuditEvent;
  const events = [
    event("patch", "/x?dryRun=All", { resource: "services" }),
    event("patch", "/x", { resource: "services" }),
    event("patch", "/x/status", { resource: "services", subresource: "status" }),
    event("patch", "/y", { resource: "services" }),
    event("get", "/openapi/v3?hash=1"),
  ];
  assert.deepEqual(countRequests(events), [
    { verb: "patch", resource: "services", dryRun: false, count: 2 },
    { verb: "patch", resource: "services", dryRun: true, count: 1 },
    { verb: "patch", resource: "services/status", dryRun: false, count: 1 },
    { verb: "get", resource: "/openapi/v3", dryRun: false, count: 1 },
  ]);
});
