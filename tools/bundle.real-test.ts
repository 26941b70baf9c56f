// The release does what the sources do.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { Script } from "node:vm";
import { after, before, describe, it } from "node:test";
import { bundle } from "./bundle.ts";

const checkout = resolve(import.meta.dirname, "..");

function codeFile(script: string): string {
  const names = readdirSync(dirname(script)).filter((name) => name.startsWith(basename(script)));
  const code = names.find((name) => name.endsWith(".code"));
  assert.ok(code, `no compiled code among ${names.join(", ")}`);
  return join(dirname(script), code);
}

describe("the release", () => {
  let directory = "";
  let released = "";
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "plumbline-release-"));
    await bundle(join(directory, "built"));
    cpSync(join(directory, "built"), join(directory, "moved"), { recursive: true });
    rmSync(join(directory, "built"), { recursive: true });
    released = join(directory, "moved/plumb.mjs");
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const run = (program: string, args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: directory });
    return { status, stdout: stdout.toString(), stderr: stderr.toString() };
  };
  const runBoth = (...args: string[]) => {
    const ours = run(released, args);
    assert.deepEqual(ours, run(join(checkout, "apps/cli/plumb.ts"), args));
    return ours;
  };

  it("prints its help, for which it loads every command", () => {
    const { status, stdout } = runBoth("--help");
    assert.equal(status, 0);
    for (const command of ["demo", "run", "install", "diff", "kustomize", "helm"])
      assert.match(stdout, new RegExp(`^  ${command}\\b`, "m"));
  });

  it("builds a kustomization to the same bytes", () => {
    const { status, stdout } = runBoth("kustomize", "build", join(checkout, "examples/fleet/clusters/hall-north"));
    assert.equal(status, 0);
    assert.match(stdout, /^kind: Kustomization$/m);
  });

  it("renders a chart to the same bytes", () => {
    const chart = join(directory, "web");
    mkdirSync(join(chart, "templates"), { recursive: true });
    writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    writeFileSync(join(chart, "values.yaml"), 'at: "2026-01-02T03:04:05Z"\n');
    writeFileSync(
      join(chart, "templates/a.yaml"),
      'kind: A\nname: {{ .Release.Name | upper | sha256sum }}\nat: {{ dateInZone "15:04" (toDate "2006-01-02T15:04:05Z" .Values.at) "Asia/Tokyo" | quote }}\n',
    );
    const { status, stdout, stderr } = runBoth("helm", "template", "web", chart);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^at: "12:04"$/m);
    assert.match(stdout, /^# Source: web\/templates\/a\.yaml$/m);
  });

  it("has the rendering commands compiled ahead, also without that code or where it does not fit", () => {
    const args = ["kustomize", "build", join(checkout, "examples/fleet/clusters/hall-north")];
    const whole = run(released, args);
    for (const name of ["kustomize/quick-build.js", "helm/quick-template.js"]) {
      const script = join(directory, "moved/apps/cli", name);
      const cachedData = readFileSync(codeFile(script));
      assert.equal(new Script(readFileSync(script, "latin1"), { cachedData }).cachedDataRejected, false);
    }
    const code = codeFile(join(directory, "moved/apps/cli/kustomize/quick-build.js"));
    const kept = readFileSync(code);
    writeFileSync(code, "of another day");
    assert.deepEqual(run(released, args), whole);
    rmSync(code);
    assert.deepEqual(run(released, args), whole);
    writeFileSync(code, kept);
  });

  it("renders charts of kustomizations", () => {
    const chart = join(directory, "inflated/charts/web");
    mkdirSync(join(chart, "templates"), { recursive: true });
    writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    writeFileSync(join(chart, "values.yaml"), "");
    writeFileSync(join(chart, "templates/a.yaml"), "apiVersion: v1\nkind: A\nmetadata: {name: {{ .Release.Name }}}\n");
    writeFileSync(
      join(directory, "inflated/kustomization.yaml"),
      "namePrefix: my-\nhelmCharts: [{name: web, releaseName: shop}]\n",
    );
    const { status, stdout, stderr } = runBoth("kustomize", "build", "--enable-helm", join(directory, "inflated"));
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^  name: my-shop$/m);
    assert.match(runBoth("kustomize", "build", join(directory, "inflated")).stderr, /--enable-helm/);
  });

  it("says the same about what is wrong", () => {
    assert.match(runBoth("kustomize", "build", join(directory, "nowhere")).stderr, /nowhere/);
  });

  it("carries the sample fleet of the demo", () => {
    const { status, stderr } = run(released, [
      "kustomize",
      "build",
      join(directory, "moved/examples/fleet/clusters/hall-north"),
    ]);
    assert.equal(status, 0, stderr);
  });
});
