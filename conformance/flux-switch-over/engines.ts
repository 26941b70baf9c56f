// Both engines on one cluster, in turn: Flux's own controllers, and Plumbline in this process.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@plumbline/edges/telemetry";
import { clientOf, type FluxCluster } from "../../apps/cli/operator/testing/flux-cluster.ts";
import { startOperator } from "../../apps/cli/operator/start-operator.ts";
import { startFlux } from "../flux-controllers/start-flux.ts";

/** In a cluster all of them serve artifacts behind one Service: the address of the recorded cluster stands for it. */
const ARTIFACT_PORT = 9790;
const PATIENCE_MS = 120_000;

export interface Engine {
  log(): string;
  stop(): Promise<void>;
}

/** Flux's own controllers, serving artifacts at the address that the recorded sources name. */
export async function startFluxOn({ plane }: FluxCluster, t: TestContext): Promise<Engine> {
  const engine = await startFlux(plane, { artifacts: `127.0.0.1:${ARTIFACT_PORT}`, namespace: "flux-system" });
  t.after(() => engine.stop());
  return engine;
}

export async function startPlumblineOn({ plane }: FluxCluster, t: TestContext): Promise<Engine> {
  const cacheDirectory = await mkdtemp(join(tmpdir(), "plumb-back-"));
  const lines: string[] = [];
  const operator = await startOperator({
    client: clientOf(plane, t, "plumbline/0"),
    cacheDirectory,
    clock: systemClock({ keepsAlive: true }),
    log: { info: () => undefined, error: (message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`) },
    artifacts: { port: ARTIFACT_PORT },
  });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await operator.stop();
    await rm(cacheDirectory, { recursive: true, force: true });
  };
  const once = (): Promise<void> => (stopped ??= stop());
  t.after(once);
  return { log: () => lines.join("\n"), stop: once };
}

/** Throws with the end of the engine's log when it does not become true. */
export async function until(what: string, engine: Engine, isDone: () => Promise<boolean>): Promise<void> {
  for (const start = performance.now(); !(await isDone()); await sleep(200)) {
    if (performance.now() - start > PATIENCE_MS) throw new RangeError(`never: ${what}\n${engine.log().slice(-4000)}`);
  }
}
