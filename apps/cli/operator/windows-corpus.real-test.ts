// Maintenance windows on real repositories and a real API server, while a stepped clock passes their openings.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { promisify } from "node:util";
import { dig, digString, isObject, type Manifest, type ObjectRef } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { connect, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { type ControlPlane, startControlPlane, type TestHooks } from "@plumbline/testkit/control-plane";
import { corpusTest } from "@plumbline/testkit/corpus";
import { kubectlBinary } from "@plumbline/testkit/go";
import { eventually } from "./testing/eventually.ts";
import { conditionOf } from "./testing/site.ts";
import { openWindowSite, type WindowSite } from "./testing/window-site.ts";

const run = promisify(execFile);
const CONTOSO = "repos/buzzfrog+contoso3";
const SAMPLE = "repos/MahrRah+flux-reconciliation-windows-sample";

let plane: Promise<ControlPlane> | undefined;
after(async () => await (await plane)?.stop());

/** A site of its own namespace on the one control plane of this file, whose wall clock shows `time`. */
async function siteAt(t: TestHooks, place: { folder: string; namespace: string; time: string }): Promise<WindowSite> {
  const { folder, namespace, time } = place;
  plane ??= startControlPlane();
  const cluster = await plane;
  const client = connect(loadKubeconfig({ path: cluster.kubeconfigPath, env: {} }), {
    clock: systemClock({ keepsAlive: true }),
    userAgent: "plumbline-test/0",
  });
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  await client.apply(object, { fieldManager: "test-user" });
  await client.close();
  const site = await openWindowSite(t, { cluster, namespace, folder });
  site.clock.stepTo(time);
  return site;
}

const isAt = (object: Manifest, commit: string): boolean =>
  (digString(object, "status", "lastAppliedRevision") ?? "").endsWith(commit);

const inNamespace = (namespace: string, kind: string, name: string): ObjectRef => ({
  group: kind === "Deployment" ? "apps" : "",
  version: "v1",
  kind,
  namespace,
  name,
});

function imageOf(deployment: Manifest): string {
  const containers = dig(deployment, "spec", "template", "spec", "containers");
  return Array.isArray(containers) && isObject(containers[0]) ? (digString(containers[0], "image") ?? "") : "";
}

corpusTest(
  CONTOSO,
  "contoso3's Stockholm site: ConfigMaps at once, Deployments from Monday 8:00, over a restart and without Git",
  async (folder, t) => {
    // a Wednesday
    const site = await siteAt(t, { folder, namespace: "flux-workspace", time: "2026-11-18T12:00:00+01:00" });
    await site.window("weekdays", {
      timeZone: "Europe/Stockholm",
      schedules: [{ open: "0 8 * * MON", close: "0 17 * * THU" }],
      selects: { deliveries: [{ name: "busybox-line" }], resources: [{ group: "apps", kind: "Deployment" }] },
    });
    const first = await site.repository.head();
    await site.source("source-repository");
    const sourceRef = { kind: "GitRepository", name: "source-repository" };
    const set = "clusters/busybox-stockholm/sets/busybox-line";
    await site.kustomization("busybox-line", { sourceRef, path: `./${set}` });
    await site.applied("busybox-line", first);

    site.clock.stepTo("2026-11-20T09:00:00+01:00"); // Friday
    const place = "stockholm-busybox-line";
    const deployment = inNamespace(place, "Deployment", "dummy-app");
    const before = await site.client.get(deployment);
    const app = `${set}/dummy-app/2209.1`;
    const kustomization = readFileSync(join(folder, app, "kustomization.yaml"), "utf8");
    const release = (tag: string, address: string): Promise<string> =>
      site.repository.commit(
        {
          [`${app}/kustomization.yaml`]: `${kustomization}\n  newTag: ${tag}\n`,
          [`${app}/ipaddresses.config.json`]: JSON.stringify({ ipaddresses: [address] }),
        },
        { message: tag },
      );
    const second = await release("1.36.0", "10.1.1.1");
    const waiting = await site.held(second, "busybox-line");
    assert.deepEqual([isAt(waiting, first), conditionOf(waiting, "Ready")?.status], [true, "True"]);
    assert.ok((digString(waiting, "status", "lastAttemptedRevision") ?? "").endsWith(second));
    const settings = await site.client.get(inNamespace(place, "ConfigMap", "configuration-ipaddresses"));
    assert.match(digString(settings, "data", "ipaddresses.config.json") ?? "", /10\.1\.1\.1/);
    assert.equal(imageOf(await site.client.get(deployment)), "busybox:1.35.0");

    await site.restart();
    const third = await release("1.37.0", "10.2.2.2");
    await site.held(third, "busybox-line");
    await eventually("the window's list", async () =>
      JSON.stringify((await site.windowStatus("weekdays")).held ?? []).includes(third),
    );
    const { heldCount, nextOpen } = await site.windowStatus("weekdays");
    assert.deepEqual([heldCount, nextOpen], [1, "2026-11-23T07:00:00Z"]);
    assert.equal(imageOf(await site.client.get(deployment)), "busybox:1.35.0");

    site.git.fault = { kind: "reset" };
    site.clock.stepTo("2026-11-23T08:00:00+01:00");
    const done = await site.applied("busybox-line", third);
    assert.equal(conditionOf(done, "Held"), undefined);
    const now = await site.client.get(deployment);
    assert.equal(imageOf(now), "busybox:1.37.0");
    const generation = (object: Manifest): number => Number(dig(object, "metadata", "generation"));
    assert.equal(generation(now) - generation(before), 1, "the newest revision goes, not each of them");
  },
);

/** The schedule of a CronJob of the sample, as its cluster patches it. */
function scheduleOf(folder: string, sample: string, which: "open" | "close"): string {
  const file = `${sample}/clusters/cluster-1/infra/reconciliation-window/${which}-reconciliation-window-patch.yaml`;
  const patch = parseYaml(readFileSync(join(folder, file), "utf8"));
  return digString(patch, "spec", "schedule") ?? "";
}

const nginx = (folder: string, file: string): string => readFileSync(join(folder, file), "utf8");

corpusTest(
  SAMPLE,
  "the sample's schedules as a window: what they suspend waits, what stays on in real time flows",
  async (folder, t) => {
    // open at every full ten minutes, for five
    const site = await siteAt(t, { folder, namespace: "flux-system", time: "2026-11-20T12:02:00+01:00" });
    await site.window("ten-minutes", {
      timeZone: "Europe/Stockholm",
      schedules: [{ open: scheduleOf(folder, "Sample2", "open"), close: scheduleOf(folder, "Sample2", "close") }],
      selects: { deliveries: [{ name: "apps-rw" }] },
    });
    await site.source("source");
    const sourceRef = { kind: "GitRepository", name: "source" };
    const apps = "Sample2/clusters/cluster-1/apps";
    await site.kustomization("apps-rt", { sourceRef, path: `./${apps}/apps-rt` });
    await site.kustomization("apps-rw", { sourceRef, path: `./${apps}/apps-rw`, dependsOn: [{ name: "apps-rt" }] });
    const first = await site.repository.head();
    for (const name of ["apps-rt", "apps-rw"]) await site.applied(name, first);
    const deployment = inNamespace("nginx", "Deployment", "nginx");
    const [workload, settings] = [
      "Sample2/apps/nginx/nginx-rw/deployment.yaml",
      "Sample2/apps/nginx/nginx-rt/configmap.yaml",
    ];

    site.clock.stepTo("2026-11-20T12:05:00+01:00");
    const second = await site.repository.commit(
      {
        [workload]: nginx(folder, workload).replace("nginx:1.14.2", "nginx:1.27.0"),
        [settings]: nginx(folder, settings).replace("keepalive_timeout  65", "keepalive_timeout  30"),
      },
      { message: "both" },
    );
    await site.applied("apps-rt", second);
    const flowed = await site.client.get(inNamespace("nginx", "ConfigMap", "nginx-conf"));
    assert.match(digString(flowed, "data", "nginx.conf") ?? "", /keepalive_timeout {2}30/);
    assert.ok(isAt(await site.held(second, "apps-rw"), first));
    assert.equal(imageOf(await site.client.get(deployment)), "nginx:1.14.2");

    site.clock.stepTo("2026-11-20T12:10:00+01:00");
    await site.applied("apps-rw", second);
    assert.equal(imageOf(await site.client.get(deployment)), "nginx:1.27.0");
  },
);

corpusTest(
  SAMPLE,
  "the sample's own jobs, as their service account may, suspend and resume beside a window",
  async (folder, t) => {
    const site = await siteAt(t, { folder, namespace: "flux-jobs", time: "2026-11-20T12:02:00+01:00" });
    const kubeconfig = (await (plane ?? assert.fail())).kubeconfigPath;
    await site.source("source");
    const sourceRef = { kind: "GitRepository", name: "source" };
    const infra = "Sample1/clusters/cluster-1/infra";
    await site.kustomization("infra", { sourceRef, path: `./${infra}` });
    const first = await site.repository.head();
    await site.applied("infra", first);
    const job = await site.client.get({
      ...inNamespace("jobs", "CronJob", "close-reconciliation-window"),
      group: "batch",
    });
    assert.equal(digString(job, "spec", "schedule"), scheduleOf(folder, "Sample1", "close"));
    const account = digString(job, "spec", "jobTemplate", "spec", "template", "spec", "serviceAccountName") ?? "";
    /** What `flux suspend` and `flux resume` do in the jobs, with the rights that the sample gives them. */
    const setSuspended = async (suspend: boolean): Promise<void> => {
      const words = ["--kubeconfig", kubeconfig, "--as", `system:serviceaccount:jobs:${account}`, "-n", site.namespace];
      const patch = JSON.stringify({ spec: { suspend } });
      await run(await kubectlBinary(), [...words, "patch", "kustomization", "apps", "--type=merge", "-p", patch]);
    };

    const schedules = [{ open: scheduleOf(folder, "Sample1", "open"), close: scheduleOf(folder, "Sample1", "close") }];
    await site.window("ten-minutes", {
      timeZone: "Europe/Stockholm",
      schedules,
      selects: { deliveries: [{ name: "apps" }] },
    });
    await site.kustomization("apps", { sourceRef, path: "./Sample1/clusters/cluster-1/apps" });
    await site.applied("apps", first);
    const image = async (): Promise<string> =>
      imageOf(await site.client.get(inNamespace("nginx", "Deployment", "nginxnginx")));
    const workload = "Sample1/apps/nginx/deployment.yaml";
    const release = (tag: string): Promise<string> =>
      site.repository.commit(
        { [workload]: nginx(folder, workload).replace("nginx:1.14.2", `nginx:${tag}`) },
        { message: tag },
      );

    await setSuspended(true); // while the window is open
    const second = await release("1.26.0");
    await site.applied("infra", second);
    const suspended = await site.get("Kustomization", "apps");
    assert.deepEqual(
      [isAt(suspended, first), conditionOf(suspended, "Held"), await image()],
      [true, undefined, "nginx:1.14.2"],
    );

    site.clock.stepTo("2026-11-20T12:05:00+01:00"); // closed: what is resumed is held
    await setSuspended(false);
    assert.ok(isAt(await site.held(second, "apps"), first));
    await setSuspended(true);
    site.clock.stepTo("2026-11-20T12:10:00+01:00"); // open again, and suspended: nothing goes
    const third = await release("1.27.0");
    await site.applied("infra", third);
    assert.equal(await image(), "nginx:1.14.2");
    await setSuspended(false);
    await site.applied("apps", third);
    assert.equal(await image(), "nginx:1.27.0");
  },
);
