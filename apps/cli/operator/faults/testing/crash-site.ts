// One namespace of the crash test: its objects, what it looks like, what it must look like in the end.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  dig,
  digString,
  isObject,
  type JsonObject,
  type Manifest,
  metadataMap,
  type ObjectRef,
} from "@plumbline/core/model";
import type { KubeClient } from "@plumbline/edges/kube";
import type { TestRepository } from "@plumbline/testkit/git-server";
import { conditionOf, FLUX_KINDS } from "../../testing/site.ts";
import { type Stage, type State, states } from "./crash-story.ts";

const MANAGER = "test-user";
/** Two dozen operators start at once, maybe on a machine that has other work. */
const PATIENCE_MS = 300_000;
const OWNER = "kustomize.toolkit.fluxcd.io/name";

/** What stands in the namespace: ConfigMaps by name, and by kind the definition and the one Thing. */
export type Known = Map<string, { uid: string; resourceVersion: string; value: string | undefined }>;

export class CrashSite {
  readonly namespace: string;
  readonly cache: string;
  readonly branch: string;
  readonly #client: KubeClient;
  readonly #repository: TestRepository;

  private constructor(at: { client: KubeClient; repository: TestRepository; namespace: string; cache: string }) {
    this.#client = at.client;
    this.#repository = at.repository;
    this.namespace = at.namespace;
    this.cache = at.cache;
    this.branch = at.namespace;
  }

  static async open(at: { client: KubeClient; repository: TestRepository; namespace: string }): Promise<CrashSite> {
    const cache = await mkdtemp(join(tmpdir(), "plumb-crash-"));
    const site = new CrashSite({ ...at, cache });
    const taken = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "taken", namespace: at.namespace } };
    await at.client.create({ ...taken, data: { old: "x" } }, { fieldManager: "kubectl-client-side-apply" });
    return site;
  }

  async close(): Promise<void> {
    await this.#removeAll();
    await rm(this.cache, { recursive: true, force: true });
  }

  /** What Git says from now on. */
  async push(branch: string): Promise<string> {
    const commit = await this.#repository.head(branch);
    await this.#repository.setRef(`refs/heads/${this.branch}`, commit);
    return commit;
  }

  async createFluxObjects(): Promise<void> {
    const { namespace } = this;
    const source = { url: this.#repository.url, interval: "1s", ref: { branch: this.branch } };
    await this.#apply("GitRepository", "fleet", source);
    for (const name of ["app", "other"]) {
      await this.#apply("Kustomization", name, {
        interval: "10m",
        retryInterval: "1s",
        prune: true,
        wait: true,
        path: `./${name}`,
        sourceRef: { kind: "GitRepository", name: "fleet" },
        postBuild: { substitute: { ns: namespace } },
      });
    }
  }

  async deleteFluxObjects(): Promise<void> {
    for (const name of ["app", "other"])
      await this.#client.delete({ ...FLUX_KINDS.Kustomization, namespace: this.namespace, name });
    await this.#client.delete({ ...FLUX_KINDS.GitRepository, namespace: this.namespace, name: "fleet" });
  }

  async isApplied(commit: string): Promise<boolean> {
    for (const name of ["app", "other"]) {
      const object = await this.#client.get({ ...FLUX_KINDS.Kustomization, namespace: this.namespace, name });
      const isReady = conditionOf(object, "Ready")?.status === "True";
      if (!isReady || !(digString(object, "status", "lastAppliedRevision") ?? "").endsWith(commit)) return false;
    }
    const source = await this.#client.get({ ...FLUX_KINDS.GitRepository, namespace: this.namespace, name: "fleet" });
    return (digString(source, "status", "artifact", "revision") ?? "").endsWith(commit);
  }

  async isRemoved(): Promise<boolean> {
    const { namespace } = this;
    for (const kind of Object.values(FLUX_KINDS)) {
      if ((await this.#client.listAll(kind, { namespace })).items.length > 0) return false;
    }
    return true;
  }

  async until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await isTrue())) {
      if (performance.now() > deadline) throw new Error(`${what} did not come about: ${await this.#story()}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async known(): Promise<Known> {
    const crd = await this.#client.find(this.#crd());
    const objects: (readonly [string, Manifest])[] = [
      ...(await this.#configMaps()).map((object) => [digString(object, "metadata", "name") ?? "", object] as const),
      ...(crd ? [["CustomResourceDefinition", crd] as const] : []),
      ...(await this.#things()).map((object) => ["Thing", object] as const),
    ];
    return new Map(
      objects.map(([name, object]) => [
        name,
        {
          uid: digString(object, "metadata", "uid") ?? "",
          resourceVersion: digString(object, "metadata", "resourceVersion") ?? "",
          value: digString(object, "data", "value"),
        },
      ]),
    );
  }

  /** The state of a stage, nothing lost, nothing left over, nothing made anew or written without need. */
  async assertState(stage: Stage, before: Known): Promise<void> {
    const state = states[stage];
    const objects = (await this.#configMaps()).filter((object) => metadataMap(object, "labels")[OWNER] !== undefined);
    const found = objects.map((object) => [
      digString(object, "metadata", "name"),
      digString(object, "data", "value"),
      metadataMap(object, "labels")[OWNER],
    ]);
    assert.deepEqual(
      found.sort((a, b) => (a[0] ?? "").localeCompare(b[0] ?? "")),
      state.configMaps,
      this.namespace,
    );
    const things = await this.#things();
    assert.deepEqual(
      things.map((item) => [digString(item, "metadata", "name"), dig(item, "spec", "size")]),
      [["t", state.size]],
    );
    for (const object of objects) assert.deepEqual(appliers(object), ["kustomize-controller"]);
    await this.#assertKept(state, before);
    await this.#assertInventories(state);
  }

  async #assertKept(state: State, before: Known): Promise<void> {
    const after = await this.known();
    const values = new Map(state.configMaps.map(([name, value]) => [name, value]));
    for (const name of [...values.keys(), "CustomResourceDefinition", "Thing"]) {
      const was = before.get(name);
      // Immutable: another value means another object.
      const isReplaced = name === "fixed" && was?.value !== values.get(name);
      if (was && !isReplaced) assert.equal(after.get(name)?.uid, was.uid, `${name} was made anew`);
    }
    for (const name of ["keep", "beside"]) {
      const was = before.get(name);
      if (!was) continue;
      assert.equal(after.get(name)?.resourceVersion, was.resourceVersion, `${name} was written without need`);
    }
  }

  async assertRemoved(): Promise<void> {
    const left = (await this.#configMaps()).filter((object) => metadataMap(object, "labels")[OWNER] !== undefined);
    assert.deepEqual(
      left.map((object) => digString(object, "metadata", "name")),
      [],
    );
    await this.until("the definition's end", async () => (await this.#client.find(this.#crd())) === undefined);
  }

  /** Soon: an object that was handed over leaves its old owner's inventory a moment after it came into the new one's. */
  async #assertInventories(state: State): Promise<void> {
    const ns = this.namespace;
    const crd = `app _things.${ns}.example.com_apiextensions.k8s.io_CustomResourceDefinition`;
    const maps = state.configMaps.map(([name, , owner]) => `${owner} ${ns}_${name}__ConfigMap`);
    const expected = [crd, `app ${ns}_t_${ns}.example.com_Thing`, ...maps].sort().join("\n");
    let found = "";
    await this.until("the inventories", async () => (found = await this.#inventories()) === expected).catch(() => {
      assert.equal(found, expected);
    });
  }

  async #inventories(): Promise<string> {
    const ids: string[] = [];
    for (const name of ["app", "other"]) {
      const object = await this.#client.get({ ...FLUX_KINDS.Kustomization, namespace: this.namespace, name });
      const entries = dig(object, "status", "inventory", "entries");
      for (const entry of Array.isArray(entries) ? entries : []) ids.push(`${name} ${digString(entry, "id") ?? ""}`);
    }
    return ids.sort().join("\n");
  }

  async #configMaps(): Promise<Manifest[]> {
    const { items } = await this.#client.listAll({ group: "", kind: "ConfigMap" }, { namespace: this.namespace });
    return items.filter((item) => digString(item, "metadata", "name") !== "kube-root-ca.crt");
  }

  /** None before the definition is served. */
  async #things(): Promise<Manifest[]> {
    const kind = { group: `${this.namespace}.example.com`, kind: "Thing" };
    await this.#client.discovery.refresh();
    if (!(await this.#client.discovery.find(kind))) return [];
    return (await this.#client.listAll(kind, { namespace: this.namespace })).items;
  }

  #crd(): ObjectRef {
    const name = `things.${this.namespace}.example.com`;
    return { group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition", namespace: "", name };
  }

  async #apply(kind: keyof typeof FLUX_KINDS, name: string, spec: JsonObject): Promise<void> {
    const metadata = { name, namespace: this.namespace };
    const object = { apiVersion: `${FLUX_KINDS[kind].group}/v1`, kind, metadata, spec };
    await this.#client.apply(object, { fieldManager: MANAGER, force: true });
  }

  async #story(): Promise<string> {
    const said: string[] = [];
    for (const kind of Object.values(FLUX_KINDS)) {
      for (const item of (await this.#client.listAll(kind, { namespace: this.namespace })).items)
        said.push(`${digString(item, "metadata", "name") ?? ""}: ${JSON.stringify(item.status)}`);
    }
    return said.join("\n");
  }

  /** Lets no finalizer keep the namespace, and no definition the cluster busy. */
  async #removeAll(): Promise<void> {
    const { namespace } = this;
    for (const kind of Object.values(FLUX_KINDS)) {
      for (const item of (await this.#client.listAll(kind, { namespace })).items) {
        const ref = { ...kind, namespace, name: digString(item, "metadata", "name") ?? "" };
        await this.#client
          .patch(ref, { type: "merge", body: { metadata: { finalizers: null } } })
          .catch(() => undefined);
        await this.#client.delete(ref).catch(() => undefined);
      }
    }
    await this.#client.delete(this.#crd()).catch(() => undefined); // most have none any more
  }
}

function appliers(object: Manifest): (string | undefined)[] {
  const entries = dig(object, "metadata", "managedFields");
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry) => (isObject(entry) ? [digString(entry, "manager")] : []));
}
