// A site for tests: a namespace of the test cluster, a Git server, an operator that sees only that namespace.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, type Manifest, type ObjectRef, digString, isObject, type JsonObject } from "@plumbline/core/model";
import { connect, type KubeClient, loadKubeconfig, type RequestRecord } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import type { EngineEvent, Kube } from "@plumbline/engine/ports";
import type { EngineOptions } from "@plumbline/engine/run";
import { crdManifests } from "../../install/install-manifests.ts";
import { type Cluster, sharedCluster, type TestHooks, withNamespace } from "@plumbline/testkit/control-plane";
import { startTestGitServer, type TestGitServer, type TestRepository } from "@plumbline/testkit/git-server";
import { INTENTS } from "../intents-name.ts";
import { type Operator, startOperator } from "../start-operator.ts";

export interface Site {
  client: KubeClient;
  namespace: string;
  git: TestGitServer;
  repository: TestRepository;
  events: EngineEvent[];
  /** Requests of the operator, not of the test. */
  requests: RequestRecord[];
  operator: Operator;
  cacheDirectory: string;
  apply(manifest: Manifest): Promise<Manifest>;
  /** A GitRepository on the test repository, polled every second unless told. */
  source(name: string, spec?: JsonObject): Promise<void>;
  kustomization(
    name: string,
    spec: JsonObject,
    more?: { labels?: Record<string, string>; annotations?: Record<string, string> },
  ): Promise<void>;
  get(kind: "GitRepository" | "Kustomization", name: string): Promise<Manifest>;
  /** Waits until the object's Ready condition satisfies `isDone`. */
  ready(
    name: string,
    isDone: (ready: Condition, object: Manifest) => boolean,
    kind?: "GitRepository" | "Kustomization",
  ): Promise<Manifest>;
  /** Waits until it is Ready=True at this commit. */
  applied(name: string, commit: string): Promise<Manifest>;
  /** With `token`, the new operator has that account's rights and not the administrator's. */
  restart(how?: { token?: string }): Promise<void>;
}

export interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

export const FLUX_KINDS = {
  GitRepository: { group: "source.toolkit.fluxcd.io", version: "v1", kind: "GitRepository" },
  Kustomization: { group: "kustomize.toolkit.fluxcd.io", version: "v1", kind: "Kustomization" },
} as const;

/** On every Flux object of a site; its value is the site's namespace. */
export const siteLabel = "plumbline.test/site";
const PATIENCE_MS = 30_000;
const MANAGER = "test-user";

export async function openSite(
  test: TestHooks,
  options: {
    files?: Record<string, string>;
    engine?: EngineOptions;
    cluster?: Cluster;
    namespace?: string;
    folder?: string;
    /** Sees objects of every namespace that carry the label `siteLabel: <namespace>`, as everything made here does. */
    allNamespaces?: boolean;
    /** The operator's; its client keeps real time. */
    clock?: Clock;
    /** Told of each request of the operator when its answer is there, before anything else happens. */
    onRequest?: (record: RequestRecord) => void;
    /** The API server's address for the operator: a bad network in between. */
    server?: string;
    /** Puts something between the operator and its client. */
    wrap?: (client: KubeClient, namespace: string) => Kube | Promise<Kube>;
    /** Runs after everything of the site has ended: stops a cluster of its own. */
    afterwards?: () => Promise<unknown>;
  } = {},
): Promise<Site> {
  const cluster = options.cluster ?? (await sharedCluster());
  const clock = systemClock({ keepsAlive: true });
  const config = loadKubeconfig({ path: cluster.kubeconfigPath, env: {} });
  const client = connect(config, { clock, userAgent: "plumbline-test/0" });
  await installCrds(client);
  const namespace = options.namespace ?? (await withNamespace(cluster, test, "site"));
  const git = await startTestGitServer();
  const repository = await git.create(
    "fleet",
    options.folder === undefined ? (options.files ?? { "README.md": "empty" }) : {},
  );
  if (options.folder !== undefined) await repository.commitFolder(options.folder);
  const cacheDirectory = await mkdtemp(join(tmpdir(), "plumb-site-"));
  const events: EngineEvent[] = [];
  const requests: RequestRecord[] = [];
  const start = async (token?: string): Promise<{ operator: Operator; own: KubeClient }> => {
    const credentials = token === undefined ? {} : { credentials: { type: "token" as const, token } };
    const { certificate: _certificate, key: _key, ...tls } = config.tls;
    const server = options.server ?? config.server;
    const own = connect(token === undefined ? { ...config, server } : { ...config, ...credentials, server, tls }, {
      clock,
      userAgent: "plumbline-test/0",
      onRequest: (record) => {
        requests.push(record);
        options.onRequest?.(record);
      },
    });
    const operator = await startOperator({
      client: (await options.wrap?.(own, namespace)) ?? own,
      cacheDirectory,
      clock: options.clock ?? clock,
      log: { info: () => undefined, error: () => undefined },
      artifacts: { port: 0 },
      engine: {
        ...(options.allNamespaces ? { labelSelector: `${siteLabel}=${namespace}` } : { namespace }),
        intents: { namespace, name: INTENTS },
        ...options.engine,
      },
      onEvent: (event) => void events.push(event),
    });
    return { operator, own };
  };
  let running = await start();
  const stop = async (): Promise<void> => {
    await running.operator.stop();
    await running.own.close();
  };
  test.after(async () => {
    await removeObjects(client, namespace);
    await stop();
    await client.close();
    await git.close();
    await rm(cacheDirectory, { recursive: true, force: true });
    await options.afterwards?.();
  });
  const site: Site = {
    client,
    namespace,
    git,
    repository,
    events,
    requests,
    get operator() {
      return running.operator;
    },
    cacheDirectory,
    apply: async (manifest) => (await client.apply(manifest, { fieldManager: MANAGER, force: true })).object,
    source: async (name, spec = {}) => {
      await site.apply(
        fluxObject("GitRepository", namespace, name, {
          url: repository.url,
          interval: "1s",
          ref: { branch: "main" },
          ...spec,
        }),
      );
    },
    kustomization: async (name, spec, more = {}) => {
      const defaults = {
        interval: "10m",
        retryInterval: "1s",
        prune: true,
        sourceRef: { kind: "GitRepository", name: "fleet" },
      };
      const object = fluxObject("Kustomization", namespace, name, { ...defaults, ...spec });
      const labels = { [siteLabel]: namespace, ...more.labels };
      Object.assign(object.metadata as JsonObject, more, { labels });
      await site.apply(object);
    },
    get: (kind, name) => client.get({ ...FLUX_KINDS[kind], namespace, name }),
    ready: async (name, isDone, kind = "Kustomization") => {
      let last = "";
      const deadline = performance.now() + PATIENCE_MS;
      while (performance.now() < deadline) {
        const object = await site.get(kind, name);
        const ready = conditionOf(object, "Ready");
        if (ready && isDone(ready, object)) return object;
        last = JSON.stringify(object.status);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`${kind} ${name} did not get there in ${PATIENCE_MS / 1000} s; last status: ${last}`);
    },
    applied: (name, commit) =>
      site.ready(
        name,
        ({ status }, object) =>
          status === "True" && (digString(object, "status", "lastAppliedRevision") ?? "").endsWith(commit),
      ),
    restart: async ({ token } = {}) => {
      await stop();
      running = await start(token);
    },
  };
  return site;
}

/** Lets no finalizer of this test keep its namespace. */
async function removeObjects(client: KubeClient, namespace: string): Promise<void> {
  for (const kind of Object.values(FLUX_KINDS)) {
    const { items } = await client.listAll(kind, { namespace });
    for (const item of items) {
      const ref: ObjectRef = { ...kind, namespace, name: digString(item, "metadata", "name") ?? "" };
      await client.patch(ref, { type: "merge", body: { metadata: { finalizers: null } } }).catch(() => undefined);
      await client.delete(ref).catch(() => undefined);
    }
  }
}

export async function installCrds(client: KubeClient): Promise<void> {
  for (const crd of crdManifests()) await client.apply(crd, { fieldManager: "plumb-install", force: true });
  const kinds = crdManifests().map((crd) => ({
    group: digString(crd, "spec", "group") ?? "",
    kind: digString(crd, "spec", "names", "kind") ?? "",
  }));
  const deadline = performance.now() + PATIENCE_MS;
  const areServed = async (): Promise<boolean> =>
    (await Promise.all(kinds.map((kind) => client.discovery.find(kind)))).every((info) => info !== undefined);
  while (!(await areServed()) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.discovery.refresh();
  }
}

function fluxObject(kind: keyof typeof FLUX_KINDS, namespace: string, name: string, spec: JsonObject): Manifest {
  const metadata = { name, namespace, labels: { [siteLabel]: namespace } };
  return { apiVersion: `${FLUX_KINDS[kind].group}/v1`, kind, metadata, spec };
}

export function conditionOf(object: Manifest, type: string): Condition | undefined {
  const conditions = isObject(object.status) ? object.status.conditions : undefined;
  const found = Array.isArray(conditions) ? conditions.find((one) => isObject(one) && one.type === type) : undefined;
  return found as Condition | undefined;
}
