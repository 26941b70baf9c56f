// The story on the real API server and on the sandbox: the same objects come out.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isObject, type JsonObject, type Manifest } from "@plumbline/core/model";
import { startControlPlane } from "@plumbline/testkit/control-plane";
import { startTestGitServer } from "@plumbline/testkit/git-server";
import { playScene } from "./play-all.ts";
import { scenes } from "./scenes.ts";
import { isConverged, until } from "./until.ts";
import { simulatePods } from "./testing/ready-pods.ts";
import { openWorld, type World } from "./world.ts";

const example = join(import.meta.dirname, "../../../examples/fleet");
const SCENES = ["change an app", "edit by hand", "break the YAML", "pull the cable", "delete a file"];

async function play(world: World): Promise<Map<string, JsonObject>> {
  const before = await state(world);
  for (const title of SCENES) {
    const scene = scenes.find((one) => one.title === title);
    assert.ok(scene, title);
    await playScene(world, scene);
  }
  const after = await state(world);
  return new Map([...before, ...[...after].map(([key, value]): [string, JsonObject] => [`${key} at the end`, value])]);
}

/** What was applied, without what each server adds on its own. */
async function state(world: World): Promise<Map<string, JsonObject>> {
  const found = new Map<string, JsonObject>();
  for (const delivery of world.operator.engine.deliveries.all()) {
    for (const ref of delivery.delivery?.inventory ?? []) {
      if (ref.group.endsWith("fluxcd.io")) continue; // they hold the address of each world's Git server
      const object = await world.client.get(ref);
      found.set(`${ref.kind} ${ref.namespace}/${ref.name}`, comparable(object));
    }
  }
  return found;
}

function comparable(object: Manifest): JsonObject {
  const { status: _status, metadata, ...rest } = object;
  const spec = isObject(rest.spec) ? { ...rest.spec } : undefined;
  if (spec) for (const assigned of ["clusterIP", "clusterIPs"]) delete spec[assigned];
  const { labels = {}, name = "" } = isObject(metadata) ? metadata : {};
  const annotations = isObject(metadata) && isObject(metadata.annotations) ? { ...metadata.annotations } : {};
  delete annotations["deployment.kubernetes.io/revision"]; // its controller counts every edit by hand
  return { ...rest, ...(spec ? { spec } : {}), metadata: { name, labels, annotations } };
}

test(
  "the demo's story gives the same objects on the sandbox and on a real API server",
  { timeout: 240_000 },
  async (t) => {
    const plane = await startControlPlane();
    const stopPods = simulatePods(plane);
    const real = await openWorld({ site: "hall-north", example, kubeconfig: plane.kubeconfigPath });
    const simulated = await openWorld({ site: "hall-north", example });
    t.after(async () => {
      await simulated.close();
      await real.close();
      await stopPods();
      await plane.stop();
    });
    for (const world of [real, simulated])
      await until(world, "convergence", () => isConverged(world, undefined, 3), 90_000);
    assert.deepEqual(await play(real), await play(simulated));
  },
);

test(
  "`npm run demo -- --once` ends with 0 within a minute, converges within 5 s and leaves no file behind",
  { timeout: 120_000 },
  async () => {
    const child = spawn(process.execPath, ["apps/cli/plumb.ts", "demo", "--once"], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: join(import.meta.dirname, "../../.."),
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
    assert.equal(code, 0, output);
    assert.match(output, /^Simulated: the Kubernetes API server.*Real: the operator/);
    assert.match(output, /kustomization\.yaml:4/);
    assert.match(output, /modified by kubectl-edit/);
    assert.match(output, /plan: - Deployment\/line\/line-dashboard/);
    assert.match(output, /at once: ConfigMap\/line\/press-control-\w+ created\n/);
    assert.match(output, /held until \w{3} .*: Deployment\/line\/press-control \(outside of the maintenance window/);
    assert.match(output, /[▸>]\w{3} .\d \w{3} [·.█#×x]*[◇@]/);
    assert.match(output, /time stepped by .*: the window opens\n {3}Deployment\/line\/press-control configured\n/);
    const kubeconfig = /KUBECONFIG=(\S+)/.exec(output)?.[1];
    assert.ok(kubeconfig);
    await assert.rejects(readFile(kubeconfig), { code: "ENOENT" });
  },
);

test("the demo takes the visitor's own repository", { timeout: 60_000 }, async (t) => {
  const git = await startTestGitServer();
  t.after(() => git.close());
  const manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: mine\n  namespace: default\ndata:\n  a: b\n";
  const repository = await git.create("mine", { "site/cm.yaml": manifest });
  const args = ["apps/cli/plumb.ts", "demo", "--once", "--repo", repository.url, "--path", "./site"];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: join(import.meta.dirname, "../../.."),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.on("exit", resolve));
  assert.match(output, /ConfigMap default\/mine/);
  assert.match(output, /first convergence +1 objects? written/);
});
