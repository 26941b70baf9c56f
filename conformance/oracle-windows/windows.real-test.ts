// Schedules of core/gate beside Python's zoneinfo and croniter: every opening and closing of five years in 14 zones.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseWindow, stateAt } from "@plumbline/core/gate";

const packages = ["croniter==6.0.0", "tzdata==2026.3"];
const zones = [
  "UTC",
  "Europe/Stockholm",
  "Europe/London",
  "Europe/Dublin",
  "America/New_York",
  "America/Los_Angeles",
  "America/St_Johns",
  "America/Santiago",
  "America/Havana",
  "Australia/Lord_Howe",
  "Australia/Sydney",
  "Pacific/Chatham",
  "Asia/Kathmandu",
  "Atlantic/Azores",
];
const shapes = [
  { open: "0 8 * * 1", close: "0 17 * * 4" },
  { open: "30 2 * * *", minutes: 60 },
  { open: "30 0,2 * * 0", minutes: 45 },
  { open: "15 0,1,2,3 * * 0", close: "45 0-3 * * 0" },
  { open: "0 22 * * 6", minutes: 8 * 60 },
  { open: "0 20 31 * *", minutes: 2 * 24 * 60 },
];
const span = { from: "2023-12-31T23:59:00", to: "2029-01-01T00:00:00" };

function python(): string {
  const venv = join(homedir(), ".cache", "plumbline", `oracle-windows-${packages.join("-")}`);
  const program = join(venv, "bin", "python");
  const run = (file: string, args: string[]): unknown => execFileSync(file, args, { timeout: 120_000, stdio: "pipe" });
  if (!existsSync(join(venv, "lib")) || spawnSync(program, ["-c", "import croniter, tzdata"]).status !== 0) {
    run("python3", ["-m", "venv", "--clear", venv]);
    run(program, ["-m", "pip", "install", "-q", "--disable-pip-version-check", ...packages]);
  }
  return program;
}

function expand(shape: (typeof shapes)[number], zone: string, limit: { first: number; last: number }): number[][] {
  const length = shape.minutes === undefined ? { close: shape.close } : { duration: `${shape.minutes}m` };
  const window = parseWindow(
    { kind: "MaintenanceWindow", namespace: "site", name: "w" },
    { timeZone: zone, schedules: [{ open: shape.open, ...length }] },
  );
  assert.deepEqual(window.failures, []);
  const found: number[][] = [];
  let start = stateAt(window, limit.first - 1).nextOpen;
  for (;;) {
    if (start === undefined || start > limit.last) return found;
    const state = stateAt(window, start);
    assert.equal(state.open, true);
    assert.equal(state.since, start);
    assert.ok(state.nextClose !== undefined && state.nextClose > start);
    found.push([start, state.nextClose]);
    start = state.nextOpen;
  }
}

const missing = spawnSync("python3", ["--version"]).status !== 0 && "python3 is not installed";

test("every opening and closing of five years equals croniter's with zoneinfo", { skip: missing }, () => {
  const cases = zones.flatMap((zone) => shapes.map((shape) => ({ zone, ...shape, ...span })));
  const output = execFileSync(python(), [join(import.meta.dirname, "oracle.py")], {
    input: JSON.stringify(cases),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    timeout: 60_000,
    env: { ...process.env, PYTHONTZPATH: "" },
  });
  const expected = JSON.parse(output) as number[][][];
  let compared = 0;
  for (const [i, each] of cases.entries()) {
    const intervals = expected[i] ?? [];
    const [first, last] = [intervals[0]?.[0] ?? 0, intervals.at(-1)?.[0] ?? 0];
    assert.ok(intervals.length > 20);
    assert.deepEqual(expand(each, each.zone, { first, last }), intervals, JSON.stringify(each));
    compared += intervals.length;
  }
  assert.ok(compared > 50_000, `${compared} windows compared`);
});
