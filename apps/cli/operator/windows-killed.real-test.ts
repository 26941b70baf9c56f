// The operator is killed at an opening and at a closing: nothing that is held is written, nothing released is lost.

import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { dig } from "@plumbline/core/model";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import { eventually } from "./testing/eventually.ts";
import { deployment } from "./testing/manifests.ts";
import type { OperatorProcessOptions } from "./testing/operator-process.ts";
import { closing, nights, noon, opening, openWindowSite, type WindowSite } from "./testing/window-site.ts";

const program = join(import.meta.dirname, "testing/operator-process.ts");
const count = 8;

interface KilledSite extends WindowSite {
  run(options: Pick<OperatorProcessOptions, "at" | "killAtWrite" | "atWrite">): Promise<ChildProcess>;
  commitVersion(version: string): Promise<string>;
  images(): Promise<string[]>;
  generations(): Promise<unknown[]>;
}

/** A site whose operator is another process; the one of the test sees nothing. */
async function openKilledSite(t: Parameters<typeof openWindowSite>[0]): Promise<KilledSite> {
  const cluster = await sharedCluster();
  const site = await openWindowSite(t, { engine: { namespace: "default", labelSelector: "nobody=here" } });
  const cacheDirectory = await mkdtemp(join(tmpdir(), "plumb-killed-"));
  const children: ChildProcess[] = [];
  t.after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await rm(cacheDirectory, { recursive: true, force: true });
  });
  const list = async () =>
    (await site.client.listAll({ group: "apps", kind: "Deployment" }, { namespace: site.namespace })).items;
  return Object.assign(site, {
    run: async (options: Pick<OperatorProcessOptions, "at" | "killAtWrite" | "atWrite">) => {
      const { namespace } = site;
      const all: OperatorProcessOptions = {
        kubeconfigPath: cluster.kubeconfigPath,
        namespace,
        cacheDirectory,
        ...options,
      };
      const child = fork(program, [JSON.stringify(all)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
      children.push(child);
      await new Promise<void>((resolve, reject) => {
        child.once("message", () => resolve());
        child.once("exit", () => reject(new Error("the operator ended before it started")));
      });
      return child;
    },
    commitVersion: (version: string) =>
      site.repository.commit(
        Object.fromEntries(
          Array.from({ length: count }, (_, i) => [
            `app/d${i}.yaml`,
            deployment(`d${i}`, site.namespace, `example/web:${version}`),
          ]),
        ),
        { message: version },
      ),
    images: async () => {
      const images = await Promise.all(Array.from({ length: count }, (_, i) => site.image(`d${i}`)));
      return images.map((image) => image ?? "none");
    },
    // Their controller writes status on its own: a generation moves with the spec alone.
    generations: async () => (await list()).map((object) => dig(object, "metadata", "generation")),
  });
}

/** Version 1 is applied at noon, the window stands, and the operator has ended in order. */
async function openApplied(t: Parameters<typeof openWindowSite>[0]): Promise<KilledSite> {
  const site = await openKilledSite(t);
  const first = await site.commitVersion("1");
  const operator = await site.run({ at: noon });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", first);
  await site.window("nights", nights);
  operator.kill("SIGKILL");
  await ended(operator);
  return site;
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

const countOf = (images: readonly string[], version: string): number =>
  images.filter((image) => image === `example/web:${version}`).length;

test("killed at the opening: what was released and not yet written goes after the restart", async (t) => {
  const site = await openApplied(t);
  const second = await site.commitVersion("2");
  const operator = await site.run({ at: noon, killAtWrite: 3 });
  await site.held(second);
  assert.equal(countOf(await site.images(), "1"), count);
  operator.send({ stepTo: opening });
  await ended(operator);
  const images = await site.images();
  assert.ok(countOf(images, "2") >= 3 && countOf(images, "2") < count, `it died in mid-apply: ${images.join()}`);
  await site.run({ at: "2026-01-15T22:01:00Z" });
  await site.applied("app", second);
  assert.equal(countOf(await site.images(), "2"), count);
});

test("killed at the closing: what the run did not get to waits for the next opening", async (t) => {
  const site = await openApplied(t);
  const second = await site.commitVersion("2");
  const operator = await site.run({ at: opening, killAtWrite: 3, atWrite: { write: 3, time: closing } });
  await ended(operator);
  const images = await site.images();
  const written = countOf(images, "2");
  assert.ok(written >= 3 && written < count, `it died in mid-apply: ${images.join()}`);
  const before = await site.generations();
  const again = await site.run({ at: "2026-01-16T06:00:01Z" });
  const held = await site.held(second);
  assert.match(JSON.stringify(held.status), new RegExp(`${count - written} changes? of revision`));
  assert.deepEqual(await site.generations(), before, "nothing of what is held was written after the restart");
  again.send({ stepTo: "2026-01-16T22:00:00Z" });
  await site.applied("app", second);
  assert.equal(countOf(await site.images(), "2"), count);
});

test("killed while it holds: the restart goes on holding, and a revision from before the cable was cut goes at the opening", async (t) => {
  const site = await openApplied(t);
  const second = await site.commitVersion("2");
  const operator = await site.run({ at: noon });
  await site.held(second);
  operator.kill("SIGKILL");
  await ended(operator);
  await site.git.close();
  const before = await site.generations();
  const again = await site.run({ at: "2026-01-15T13:00:00Z" });
  await eventually("it has looked at everything", async () => {
    const { status } = await site.get("GitRepository", "fleet");
    return JSON.stringify(status).includes("GitOperationFailed");
  });
  assert.deepEqual(await site.generations(), before);
  await site.held(second);
  again.send({ stepTo: opening });
  await site.applied("app", second);
  assert.equal(countOf(await site.images(), "2"), count);
});
