// The guide of maintenance windows, played on a real API server: every output that it shows is the one that comes.
// `PLUMBLINE_WRITE_GUIDE=1` writes the page anew instead of comparing.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { dig, digString, type JsonObject, type Manifest } from "@plumbline/core/model";
import { connect, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { movableClock } from "@plumbline/testkit/clock";
import { startControlPlane } from "@plumbline/testkit/control-plane";
import { kubectlBinary } from "@plumbline/testkit/go";
import { eventually } from "../operator/testing/eventually.ts";
import { conditionOf, openSite, type Site } from "../operator/testing/site.ts";
import { clusterWindows } from "./cluster-windows.ts";
import { foundWindow, windowAt } from "./found-window.ts";
import { operatorRemark } from "./operator-remark.ts";
import { type Console, openConsole, playPage } from "./testing/console.ts";

const checkout = join(import.meta.dirname, "../../..");
const pagePath = join(checkout, "docs/guides/maintenance-windows.md");
const example = join(checkout, "examples/windows");

const windowRef = (name: string, kind = "MaintenanceWindow") => ({
  group: "plumbline.io",
  version: "v1alpha1",
  kind,
  namespace: kind === "MaintenanceWindow" ? "flux-system" : "",
  name,
});

/** What a window lists as held, as `Kind/name change until`. */
async function heldBy(site: Site, name: string, kind?: string): Promise<string[]> {
  const list = dig(await site.client.get(windowRef(name, kind)), "status", "held");
  return (Array.isArray(list) ? list : []).map((entry) => {
    const text = (key: string): string => digString(entry, key) ?? "";
    return `${text("object").split("/").at(-1)} ${text("change")} ${text("until")}`.trim();
  });
}

async function isRead(site: Site, name: string, kind?: string): Promise<boolean> {
  return digString(await site.client.get(windowRef(name, kind)), "status", "state") !== undefined;
}

test("every output of the guide is what the commands say", { timeout: 300_000 }, async (t) => {
  const plane = await startControlPlane();
  const directory = mkdtempSync(join(tmpdir(), "plumb-guide-"));
  const clock = movableClock("2026-11-20T12:00:00+01:00");
  const press = readFileSync(join(example, "site/line/press.yaml"), "utf8");
  const recipes = readFileSync(join(example, "site/line/old-recipes.yaml"), "utf8");
  const client = connect(loadKubeconfig({ path: plane.kubeconfigPath, env: {} }), {
    clock: systemClock({ keepsAlive: true }),
    userAgent: "plumbline-test/0",
  });
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "flux-system" } });
  await client.close();
  const site = await openSite(t, {
    cluster: plane,
    namespace: "flux-system",
    files: { "line/press.yaml": press, "line/old-recipes.yaml": recipes },
    allNamespaces: true,
    clock,
    afterwards: async () => {
      await plane.stop();
      rmSync(directory, { recursive: true });
    },
  });
  await site.source("fleet");
  await site.kustomization("line", { path: "./line" });
  await site.applied("line", await site.repository.head());

  mkdirSync(join(directory, "line"));
  symlinkSync(join(checkout, "examples"), join(directory, "examples"));
  const { kubeconfigPath: kubeconfig } = plane;
  const console = openConsole({ directory, kubeconfig, kubectl: await kubectlBinary(), now: () => clock.now() });
  let last = "";
  const edited = (tag: string, cycle: number): string =>
    press.replace("pause:3.9", `pause:${tag}`).replace('cycle-seconds: "12"', `cycle-seconds: "${cycle}"`);
  const commit = async (tag: string, cycle: number): Promise<void> => {
    last = await site.repository.commit({ "line/press.yaml": edited(tag, cycle) }, { message: tag });
  };
  const applied = () => site.applied("line", last);
  const holds = (window: string, expected: string[], kind?: string) =>
    eventually(`${window} to hold ${expected.join(", ")}`, async () => {
      const object = await site.get("Kustomization", "line");
      const says = conditionOf(object, "Held");
      if (expected.length > 0 && says?.status !== "True") return false;
      return JSON.stringify(await heldBy(site, window, kind)) === JSON.stringify(expected);
    });
  const waits = "press-control Revision";

  const page = readFileSync(pagePath, "utf8");
  /** Statuses are written after the turn that they tell of; the page shows them when they are. */
  const patient: Console = {
    run: async (line) => {
      await eventually("the statuses of all windows", async () => {
        const found = (await clusterWindows(site.client)) ?? [];
        return found.every((each) => operatorRemark(windowAt(foundWindow(each), clock.now())) === undefined);
      });
      return await console.run(line);
    },
  };
  const played = await playPage(page, patient, {
    start: () => Promise.resolve(),
    install: () => Promise.resolve(),
    installed: () => Promise.resolve(),
    edit: () => {
      writeFileSync(join(directory, "line/press.yaml"), edited("3.10", 10));
      writeFileSync(join(directory, "line/old-recipes.yaml"), recipes);
      return Promise.resolve();
    },
    commit: async () => {
      await commit("3.10", 10);
      await holds("weekdays", [`${waits} 2026-11-23T07:00:00Z`]);
    },
    monday: async () => {
      clock.stepTo("2026-11-23T08:00:00+01:00");
      await applied();
      await holds("weekdays", []);
    },
    emergency: async () => {
      clock.stepTo("2026-11-26T18:30:00+01:00");
      await commit("3.10.1", 10);
      await holds("weekdays", [`${waits} 2026-11-30T07:00:00Z`]);
    },
    overridden: async () => {
      await applied();
      await holds("weekdays", []);
    },
    "one-off": async () => {
      clock.stepTo("2026-11-27T12:00:00+01:00");
      await commit("3.10.2", 10);
      await holds("weekdays", [`${waits} 2026-11-30T07:00:00Z`]);
    },
    "one-off-read": () => holds("weekdays", [`${waits} 2026-11-28T17:00:00Z`]),
    saturday: async () => {
      clock.stepTo("2026-11-28T18:00:00+01:00");
      await applied();
      await holds("weekdays", []);
      await holds("saturday-evening", []);
    },
    inventory: async () => {
      await console.run("kubectl apply -f examples/windows/inventory.yaml");
      await eventually("the freeze to be read", () => isRead(site, "inventory", "ClusterMaintenanceWindow"));
      clock.stepTo("2026-11-30T10:00:00+01:00");
      await commit("3.11", 9);
      const until = "2026-12-01T11:00:00Z";
      await holds("inventory", [`press-settings Revision ${until}`, `${waits} ${until}`], "ClusterMaintenanceWindow");
    },
    counted: async () => {
      clock.stepTo("2026-12-01T12:00:00+01:00");
      await applied();
      await holds("inventory", [], "ClusterMaintenanceWindow");
    },
    "hands-off": async () => {
      clock.stepTo("2026-12-04T12:00:00+01:00");
      await console.run("kubectl apply -f examples/windows/hands-off.yaml");
      await eventually("the window to be read", () => isRead(site, "hands-off"));
    },
    scaled: async () => {
      await site.repository.commit({ "line/old-recipes.yaml": null }, { message: "no old recipes" });
      const until = "2026-12-07T07:00:00Z";
      await holds("hands-off", [`old-recipes Prune ${until}`, `press-control Drift ${until}`]);
    },
    repaired: async () => {
      clock.stepTo("2026-12-07T08:00:00+01:00");
      await holds("hands-off", []);
      const deployment = {
        group: "apps",
        version: "v1",
        kind: "Deployment",
        namespace: "default",
        name: "press-control",
      };
      await eventually("the repair", async () => dig(await site.client.get(deployment), "spec", "replicas") === 1);
    },
    offline: async () => {
      clock.stepTo("2026-12-12T12:00:00+01:00");
      await commit("3.12", 8);
      await holds("weekdays", [`${waits} 2026-12-14T07:00:00Z`]);
      site.git.fault = { kind: "reset" };
      await site.ready("fleet", ({ status }) => status === "False", "GitRepository");
    },
    "offline-monday": async () => {
      clock.stepTo("2026-12-14T08:00:00+01:00");
      await applied();
      await holds("weekdays", []);
    },
    stalled: async () => {
      site.git.fault = undefined;
      await site.apply(neverOpens);
      await eventually("the mistake to be found", async () => {
        const object = await site.client.get(windowRef("never"));
        return conditionOf(object, "Stalled")?.status === "True";
      });
      await commit("3.13", 8);
      await holds("never", [waits]);
    },
  });
  const text = played.replaceAll(/127\.0\.0\.1:\d+/g, "git.example.com");
  if (process.env["PLUMBLINE_WRITE_GUIDE"] === "1") writeFileSync(pagePath, text);
  else assert.equal(text, page);
});

const neverSpec: JsonObject = {
  timeZone: "Europe/Stockholm",
  schedules: [{ open: "0 8 31 2 *", duration: "8h" }],
  selects: { deliveries: [{ name: "line" }], resources: [{ kind: "Deployment" }] },
};
const neverOpens: Manifest = {
  apiVersion: "plumbline.io/v1alpha1",
  kind: "MaintenanceWindow",
  metadata: { name: "never", namespace: "flux-system" },
  spec: neverSpec,
};
