// Memory and processor time of a child, and of what it starts.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { peakMb, processUsage } from "./index.ts";

test("processUsage() sees the peak that is past, the time used, and the descendants", async (t) => {
  const script = `
    const { spawn } = require("node:child_process");
    let held = Buffer.alloc(200e6, 1);
    const until = Date.now() + 300;
    while (Date.now() < until);
    held = undefined;
    globalThis.gc();
    spawn(process.execPath, ["-e", "console.log('up'); setInterval(() => {}, 1000)"], { stdio: "inherit" });
  `;
  const child = spawn(process.execPath, ["--expose-gc", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  t.after(() => process.kill(-(child.pid ?? 0), "SIGKILL"));
  await once(child.stdout, "data");
  const usage = processUsage(child.pid ?? 0);
  assert.ok(usage.peakRssBytes > 200e6 && usage.peakRssBytes < 400e6, `${usage.peakRssBytes}`);
  assert.ok(peakMb(child.pid ?? 0) >= Math.round(usage.peakRssBytes / 1024 ** 2));
  assert.ok(usage.cpuSeconds >= 0.2 && usage.cpuSeconds < 10, `${usage.cpuSeconds}`);
  assert.ok(usage.descendantsPeakRssBytes > 20e6, `${usage.descendantsPeakRssBytes}`);
});

test("processUsage() of nobody is NotFound", () => {
  assert.throws(() => processUsage(2 ** 30), { name: "Failure", reason: "NotFound" });
});
