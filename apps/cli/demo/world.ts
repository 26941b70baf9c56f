// Everything the demo runs on: a cluster (simulated or real), Git, the operator; and how it all goes away again.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, type Manifest, type ObjectRef, refOf, sleep } from "@plumbline/core/model";
import { crdManifests } from "../install/install-manifests.ts";
import { connect, type KubeClient, loadKubeconfig } from "@plumbline/edges/kube";
import { forwardableClock, systemClock } from "@plumbline/edges/telemetry";
import { startSandbox } from "@plumbline/sandbox/server";
import { USER_AGENT } from "../cluster/connection.ts";
import { type Operator, startOperator } from "../operator/start-operator.ts";
import { type FleetRepository, serveFleet } from "./fleet-repository.ts";
import { Recorder } from "./recorder.ts";
import { RequestCount } from "./request-count.ts";

export interface WorldOptions {
  /** A context of the visitor's kubeconfig; undefined uses the sandbox. */
  context?: string;
  kubeconfig?: string;
  /** A repository of the visitor instead of the sample fleet. */
  repo?: { url: string; path: string; branch: string };
  site: string;
  /** Folder of the sample fleet. */
  example: string;
}

export interface World {
  clock: Clock;
  client: KubeClient;
  kubeconfigPath: string | undefined;
  isSimulated: boolean;
  /** Undefined with a repository of the visitor. */
  fleet: FleetRepository | undefined;
  operator: Operator;
  recorder: Recorder;
  requests: RequestCount;
  site: string;
  /** Steps the time of the operator and of the simulated cluster; undefined on a real cluster, whose time is its own. */
  step: ((ms: number) => void) | undefined;
  close(): Promise<void>;
}

const NAMESPACE = "flux-system";
const MANAGER = "plumb-demo";
const CLEAN_UP_MS = 30_000;

export async function openWorld(options: WorldOptions): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), "plumb-demo-"));
  const machine = systemClock({ keepsAlive: true });
  const clock = forwardableClock(machine);
  const closers: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const cluster = await openCluster(options, directory, clock);
    closers.push(() => cluster.close());
    const requests = new RequestCount();
    const { client } = cluster;
    const counted = connect(cluster.config, {
      clock: machine, // time is stepped between requests, never within one
      userAgent: USER_AGENT,
      onRequest: (record) => requests.add(record),
    });
    closers.push(() => counted.close());
    const fleet = options.repo ? undefined : await serveFleet(directory, options.example);
    if (fleet) closers.push(() => fleet.close());
    const recorder = new Recorder();
    const installed = await install(client);
    const operator = await startOperator({
      client: counted,
      cacheDirectory: join(directory, "cache"),
      clock,
      log: { info: () => undefined, error: () => undefined },
      artifacts: { port: 0 },
      onEvent: (event) => recorder.take(event),
    });
    closers.push(() => operator.stop());
    const start = firstObjects(options, fleet);
    if (!cluster.isSimulated) closers.push(() => cleanUp(client, clock, [...start, ...installed]));
    recorder.begin(clock.monotonic());
    for (const object of start) await client.apply(object, { fieldManager: MANAGER, force: true });
    const { kubeconfigPath, isSimulated } = cluster;
    return {
      clock,
      client,
      kubeconfigPath,
      isSimulated,
      fleet,
      operator,
      recorder,
      requests,
      site: options.site,
      step: isSimulated ? (ms) => clock.step(ms) : undefined,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface OpenCluster {
  client: KubeClient;
  config: Parameters<typeof connect>[0];
  kubeconfigPath: string | undefined;
  isSimulated: boolean;
  close(): Promise<void>;
}

async function openCluster(options: WorldOptions, directory: string, clock: Clock): Promise<OpenCluster> {
  const isSimulated = options.context === undefined && options.kubeconfig === undefined;
  const kubeconfigPath = isSimulated ? join(directory, "kubeconfig") : options.kubeconfig;
  const sandbox =
    isSimulated && kubeconfigPath !== undefined ? await startSandbox({ clock, kubeconfigPath }) : undefined;
  const config = loadKubeconfig({ path: kubeconfigPath, context: options.context, env: process.env });
  const client = connect(config, { clock: systemClock({ keepsAlive: true }), userAgent: USER_AGENT });
  return {
    client,
    config,
    kubeconfigPath,
    isSimulated,
    close: async () => {
      await client.close();
      await sandbox?.stop();
    },
  };
}

/** CRDs and namespace; answers what was not there before. */
async function install(client: KubeClient): Promise<Manifest[]> {
  const objects: Manifest[] = [
    ...crdManifests(),
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
  ];
  const added: Manifest[] = [];
  for (const object of objects) {
    if (await client.find(refOf(object))) continue;
    await client.apply(object, { fieldManager: MANAGER, force: true });
    added.push(object);
  }
  for (let tries = 0; tries < 100 && !(await client.discovery.find(KUSTOMIZATION)); tries++) {
    await client.discovery.refresh();
    await sleep(systemClock({ keepsAlive: true }), 50);
  }
  return added;
}

const KUSTOMIZATION = { group: "kustomize.toolkit.fluxcd.io", version: "v1", kind: "Kustomization" };

function firstObjects(options: WorldOptions, fleet: FleetRepository | undefined): Manifest[] {
  const url = fleet?.url ?? options.repo?.url ?? "";
  const path = options.repo?.path ?? `./clusters/${options.site}`;
  const metadata = { namespace: NAMESPACE };
  return [
    {
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      metadata: { ...metadata, name: "fleet" },
      spec: { url, ref: { branch: options.repo?.branch ?? "main" }, interval: "1s" },
    },
    {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { ...metadata, name: "site" },
      spec: {
        sourceRef: { kind: "GitRepository", name: "fleet" },
        path,
        prune: true,
        interval: "10m",
        retryInterval: "30s",
      },
    },
  ];
}

/** On a real cluster the demo takes away what it brought, in the order in which the operator can still help. */
async function cleanUp(client: KubeClient, clock: Clock, objects: Manifest[]): Promise<void> {
  const deadline = clock.monotonic() + CLEAN_UP_MS;
  const order = [...objects].sort((a, b) => cleanRank(refOf(a)) - cleanRank(refOf(b)));
  for (const object of order) {
    const ref = refOf(object);
    if (!(await client.find(ref).catch(() => undefined))) continue;
    await client.delete(ref, { propagationPolicy: "Background" });
    while ((await client.find(ref).catch(() => undefined)) && clock.monotonic() < deadline) await sleep(clock, 100);
  }
}

function cleanRank(ref: ObjectRef): number {
  return ["Kustomization", "GitRepository", "Namespace", "CustomResourceDefinition"].indexOf(ref.kind);
}
