// A fresh cluster in which the fleet's custom resources wait for an operator, and the Git server they point at.

import { setTimeout as sleep } from "node:timers/promises";
import { type JsonObject, type Manifest, Failure, dig, digString } from "@plumbline/core/model";
import { crdManifests } from "../../apps/cli/install/install-manifests.ts";
import { type ControlPlane, apiRequest, startControlPlane } from "@plumbline/testkit/control-plane";
import { type TestGitServer, type TestRepository, startTestGitServer } from "@plumbline/testkit/git-server";
import { applicationNames, fleetFiles, namespaces } from "./application.ts";
import { fluxKustomization, gitRepository } from "./custom-resources.ts";

export interface Site {
  plane: ControlPlane;
  git: TestGitServer;
  repository: TestRepository;
  /** Names of the Kustomizations, which are those of their applications. */
  kustomizations: readonly string[];
  stop(): Promise<void>;
}

export interface SiteOptions {
  /** Folders in the repository. */
  applications: number;
  /** How many of them have a Kustomization; default all. */
  kustomizations?: number;
  /** Lets requests be counted, and makes each dearer. */
  audit?: boolean;
  /** Of the source and of each Kustomization; 10 minutes unless told. */
  intervalSeconds?: number;
}

export const kustomizationsPath: string = `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespaces.flux}/kustomizations`;
const sourcesPath = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${namespaces.flux}/gitrepositories`;
const creationConcurrency = 16;
const servedWithinMs = 30_000;

/** Everything that exists before the clock starts. */
export async function openSite(options: SiteOptions): Promise<Site> {
  const interval = `${options.intervalSeconds ?? 600}s`;
  const plane = await startControlPlane({ audit: options.audit ?? false });
  let git: TestGitServer | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([plane.stop(), git?.close()]);
  };
  try {
    git = await startTestGitServer();
    const repository = await git.create("fleet", fleetFiles(options.applications));
    for (const name of Object.values(namespaces)) {
      await create(plane, "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    await installCrds(plane);
    await create(plane, sourcesPath, gitRepository(repository.url, interval));
    const kustomizations = applicationNames(options.kustomizations ?? options.applications);
    const waiting = kustomizations.values();
    const work = async (): Promise<void> => {
      for (const name of waiting) await create(plane, kustomizationsPath, fluxKustomization(name, interval));
    };
    await Promise.all(Array.from({ length: creationConcurrency }, work));
    return { plane, git, repository, kustomizations, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** Asks for a fetch now, as `flux reconcile source` does: what a webhook from the Git host leads to. */
export async function requestReconcile(site: Site): Promise<void> {
  const annotations = { "reconcile.fluxcd.io/requestedAt": new Date().toISOString() };
  const contentType = "application/merge-patch+json";
  const body = { metadata: { annotations } };
  const answer = await apiRequest(site.plane, { method: "PATCH", path: `${sourcesPath}/fleet`, contentType, body });
  if (answer.status !== 200) throw new Failure({ reason: "Internal", message: answer.text });
}

/** Ready for its generation, and, when one is given, at that commit. */
export function isReady(kustomization: JsonObject, commit?: string): boolean {
  const conditions = dig(kustomization, "status", "conditions");
  if (!Array.isArray(conditions)) return false;
  const ready = conditions.find((condition) => digString(condition, "type") === "Ready");
  if (digString(ready, "status") !== "True") return false;
  if (dig(ready, "observedGeneration") !== dig(kustomization, "metadata", "generation")) return false;
  return commit === undefined || (digString(kustomization, "status", "lastAppliedRevision") ?? "").endsWith(commit);
}

async function installCrds(plane: ControlPlane): Promise<void> {
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  for (const crd of crdManifests()) await create(plane, path, crd);
  const deadline = performance.now() + servedWithinMs;
  for (const list of [kustomizationsPath, sourcesPath]) {
    while ((await apiRequest(plane, { path: list })).status !== 200) {
      const message = `${list} is not served after ${servedWithinMs / 1000} s`;
      if (performance.now() > deadline) throw new Failure({ reason: "ClusterUnreachable", message });
      await sleep(50);
    }
  }
}

async function create(plane: ControlPlane, path: string, body: Manifest): Promise<void> {
  const answer = await apiRequest(plane, { method: "POST", path, body });
  if (answer.status === 201) return;
  throw new Failure({ reason: "Internal", message: `POST ${path} was answered ${answer.status}: ${answer.text}` });
}
