// The recorded cluster as real Flux left it, running again: its etcd behind an API server, its repositories at their URLs.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { digString, type Manifest } from "@plumbline/core/model";
import { type BareRepository, createBareRepository, startGitServer } from "@plumbline/edges/git-http";
import { connect, type KubeClient, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { type Cluster, type ControlPlane, startControlPlane, type TestHooks } from "@plumbline/testkit/control-plane";

/** The URLs of the recorded GitRepositories name it. */
const GIT_PORT = 8418;
const OWNER = "kustomize.toolkit.fluxcd.io/name";

export const KUSTOMIZATIONS = { group: "kustomize.toolkit.fluxcd.io", version: "v1", kind: "Kustomization" };
export const REPOSITORIES = { group: "source.toolkit.fluxcd.io", version: "v1", kind: "GitRepository" };

export interface FluxCluster {
  plane: ControlPlane;
  /** The test's own. */
  client: KubeClient;
  /** By name, such as `fleet`. */
  repositories: ReadonlyMap<string, BareRepository>;
}

/**
 * `folder` is the recorded cluster's. Every request is audited. Git of this process and those that it starts comes to
 * the repositories through `http_proxy`, so that their port need not be free; Flux's own controllers, to which a proxy
 * on this machine is none, need `atPort`.
 */
export async function openFluxCluster(
  folder: string,
  t: TestHooks,
  options: { controllerManager?: boolean; atPort?: boolean } = {},
): Promise<FluxCluster> {
  const repositories = await serveBundles(folder, t, options.atPort === true);
  const plane = await startControlPlane({
    etcdData: join(folder, "etcd-data.tar.zst"),
    ...(options.controllerManager === true ? {} : { controllerManagerArgs: false as const }),
    audit: true,
  });
  t.after(() => plane.stop());
  return { plane, client: clientOf(plane, t, "plumbline-test/0"), repositories };
}

async function serveBundles(folder: string, t: TestHooks, atPort: boolean): Promise<Map<string, BareRepository>> {
  const root = await mkdtemp(join(tmpdir(), "plumb-flux-git-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  const repositories = new Map<string, BareRepository>();
  for (const bundle of (await readdir(folder)).filter((name) => name.endsWith(".bundle"))) {
    const name = basename(bundle, ".bundle");
    const repository = await createBareRepository(join(root, `${name}.git`));
    await repository.git("fetch", "-q", join(folder, bundle), "+refs/heads/*:refs/heads/*");
    repositories.set(name, repository);
  }
  const server = await startGitServer({ root, port: atPort ? GIT_PORT : 0 });
  t.after(() => server.close());
  if (!atPort) throughProxy(server.url, t);
  return repositories;
}

function throughProxy(url: string, t: TestHooks): void {
  const settings = { http_proxy: url, no_proxy: "", NO_PROXY: "" };
  const before = Object.keys(settings).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, settings);
  t.after(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    return Promise.resolve();
  });
}

/** Closed when the test ends. */
export function clientOf(cluster: Cluster, t: TestHooks, userAgent: string): KubeClient {
  const config = loadKubeconfig({ path: cluster.kubeconfigPath, env: {} });
  const client = connect(config, { clock: systemClock({ keepsAlive: true }), userAgent });
  t.after(() => client.close());
  return client;
}

/** Everything that carries the owner label, by a key that names it. */
export async function managedObjects(client: KubeClient): Promise<Map<string, Manifest>> {
  const found = new Map<string, Manifest>();
  for (const resource of await client.discovery.all()) {
    if (!resource.verbs.includes("list")) continue;
    const { items } = await client.listAll(resource, { labelSelector: OWNER });
    for (const item of items) {
      const { name = "", namespace = "" } = item.metadata as { name?: string; namespace?: string };
      found.set(`${namespace}_${name}_${resource.group}_${resource.kind}`, item);
    }
  }
  return found;
}

export async function objectsByName(client: KubeClient, kind: typeof KUSTOMIZATIONS): Promise<Map<string, Manifest>> {
  const { items } = await client.listAll(kind);
  return new Map(items.map((item) => [digString(item, "metadata", "name") ?? "", item]));
}
