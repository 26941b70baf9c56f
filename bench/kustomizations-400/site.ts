// A fresh cluster in which the fleet's custom resources wait for an operator, and the Git server they point at.

import { type JsonObject, type Manifest, Failure, dig, digString } from "@plumbline/core/model";
import { crdManifests } from "@plumbline/dialects/flux";
import { type ApiRequest, type ControlPlane, apiRequest, startControlPlane } from "@plumbline/testkit/control-plane";
import { type TestGitServer, startTestGitServer } from "@plumbline/testkit/git-server";
import { applicationNames, fleetFiles, fluxKustomization, gitRepository, namespaces } from "./fleet.ts";

export interface Site {
  plane: ControlPlane;
  stop(): Promise<void>;
}

const kustomizations = `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespaces.flux}/kustomizations`;
const creationConcurrency = 16;

/** Everything that exists before the clock starts. With `audit`, requests can be counted, and cost more. */
export async function openSite(count: number, options: { audit?: boolean } = {}): Promise<Site> {
  const plane = await startControlPlane({ audit: options.audit ?? false });
  let git: TestGitServer | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([plane.stop(), git?.close()]);
  };
  try {
    git = await startTestGitServer();
    const repository = await git.create("fleet", fleetFiles(count));
    for (const name of Object.values(namespaces)) {
      await create(plane, "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    await installCrds(plane);
    const sources = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${namespaces.flux}/gitrepositories`;
    await create(plane, sources, gitRepository(repository.url));
    const names = applicationNames(count).values();
    const work = async (): Promise<void> => {
      for (const name of names) await create(plane, kustomizations, fluxKustomization(name));
    };
    await Promise.all(Array.from({ length: creationConcurrency }, work));
    return { plane, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

export function kustomizationPath(name: string): string {
  return `${kustomizations}/${name}`;
}

/** How many Kustomizations are Ready, and the message of one that is not. */
export async function countReady(plane: ControlPlane): Promise<{ ready: number; example: string }> {
  const items = dig((await apiRequest(plane, { path: kustomizations })).json(), "items");
  const objects = Array.isArray(items) ? (items as JsonObject[]) : [];
  const waiting = objects.filter((object) => !isReady(object));
  const example = waiting[0] ? JSON.stringify(dig(waiting[0], "status") ?? null) : "";
  return { ready: objects.length - waiting.length, example };
}

/** Ready for its generation. */
export function isReady(kustomization: JsonObject): boolean {
  const conditions = dig(kustomization, "status", "conditions");
  if (!Array.isArray(conditions)) return false;
  const ready = conditions.find((condition) => digString(condition, "type") === "Ready");
  const generation = dig(kustomization, "metadata", "generation");
  return digString(ready, "status") === "True" && dig(ready, "observedGeneration") === generation;
}

async function installCrds(plane: ControlPlane): Promise<void> {
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  for (const crd of crdManifests()) await create(plane, path, crd);
  // Served a moment after they are created.
  const lists = [kustomizations, `/apis/source.toolkit.fluxcd.io/v1/gitrepositories`];
  const deadline = performance.now() + 30_000;
  for (const list of lists) {
    while ((await apiRequest(plane, { path: list })).status !== 200) {
      if (performance.now() > deadline)
        throw new Failure({ reason: "ClusterUnreachable", message: `${list} is not served` });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function create(plane: ControlPlane, path: string, body: Manifest): Promise<void> {
  const request: ApiRequest = { method: "POST", path, body };
  const answer = await apiRequest(plane, request);
  if (answer.status === 201) return;
  throw new Failure({ reason: "Internal", message: `POST ${path} was answered ${answer.status}: ${answer.text}` });
}
