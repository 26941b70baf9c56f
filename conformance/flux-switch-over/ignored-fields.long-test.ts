// spec.ignore by real Flux and by Plumbline: after each step the object is the same, and so is who owns which field.

import assert from "node:assert/strict";
import { dig, digString, isObject, type JsonObject, type JsonValue, type Manifest } from "@plumbline/core/model";
import type { KubeClient } from "@plumbline/edges/kube";
import { corpusTest } from "@plumbline/testkit/corpus";
import { startTestGitServer, type TestRepository } from "@plumbline/testkit/git-server";
import { openFluxCluster } from "../../apps/cli/operator/testing/flux-cluster.ts";
import { deployment } from "../../apps/cli/operator/testing/manifests.ts";
import { type Engine, startFluxOn, startPlumblineOn, until } from "./engines.ts";
import { KUSTOMIZATION, REPOSITORY } from "./life.ts";

const NAMESPACE = "flux-system";
const REQUEST = "reconcile.fluxcd.io/requestedAt";
const NOTES = ["note", "other", "gone"].map((name) => `example.com/${name}`);
const GONE = "example.com/gone";
const ignore = [
  {
    paths: ["/spec/replicas", "/spec/template/spec/containers/0/resources", ...NOTES.map(pointerTo)],
    target: { kind: "Deployment", labelSelector: "tier=web" },
  },
  { paths: ["/spec/minReadySeconds"], target: { kind: "StatefulSet" } },
];

function pointerTo(annotation: string): string {
  return `/metadata/annotations/${annotation.replaceAll("/", "~1")}`;
}

function manifestOf(name: string, image: string): string {
  const notes = NOTES.map((note) => `    ${note}: git\n`).join("");
  const metadata = `metadata:\n  name: web\n  namespace: ${name}\n  labels: { tier: web }\n  annotations:\n${notes}spec:\n`;
  const resources = "          resources: { limits: { cpu: 100m } }\n          ports:\n";
  return deployment("web", name, image)
    .replace(/metadata:\n.*\n.*\nspec:\n/, metadata)
    .replace("          ports:\n", resources);
}

interface Scene {
  client: KubeClient;
  engine: Engine;
  repository: TestRepository;
  name: string;
  left: { step: string; object: JsonValue }[];
}

const refOfWeb = (namespace: string) => ({ group: "apps", version: "v1", kind: "Deployment", namespace, name: "web" });

/** Asks for a run, and notes what it leaves. */
async function run({ client, engine, name, left }: Scene, step: string, commit?: string): Promise<void> {
  for (const kind of [REPOSITORY, KUSTOMIZATION]) {
    const ref = { ...kind, namespace: NAMESPACE, name };
    const body = { metadata: { annotations: { [REQUEST]: step } } };
    await client.patch(ref, { type: "merge", body }, { fieldManager: "flux" });
    await until(`${kind.kind}: ${step}`, engine, async () => {
      const object = await client.get(ref);
      const revision = digString(object, "status", "lastAppliedRevision") ?? "";
      const isThere = kind === REPOSITORY || commit === undefined || revision.endsWith(commit);
      return digString(object, "status", "lastHandledReconcileAt") === step && isThere;
    });
  }
  left.push({ step, object: normalized(await client.get(refOfWeb(name)), name) });
}

/** Content and field managers, without times, versions and what the controller of Deployments writes. */
function normalized(object: Manifest, name: string): JsonValue {
  const entries = dig(object, "metadata", "managedFields") as JsonObject[]; // every object has them
  const managers = entries
    .filter(({ subresource }) => subresource === undefined)
    .map(({ manager, operation, fieldsV1 }) => ({ manager, operation, fieldsV1 }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) as JsonObject[];
  const metadata = isObject(object.metadata) ? object.metadata : {};
  const kept = { labels: metadata["labels"] ?? null, annotations: metadata["annotations"] ?? null, managers };
  return JSON.parse(JSON.stringify({ kept, spec: object["spec"] }).replaceAll(name, "NAME")) as JsonValue;
}

async function story(scene: Scene): Promise<Scene["left"]> {
  const { client, repository, name } = scene;
  const commit = (image: string): Promise<string> => repository.commit({ "app/web.yaml": manifestOf(name, image) });
  const web = refOfWeb(name);
  const apply = (fieldManager: string, more: JsonObject): Promise<unknown> => {
    const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: name }, ...more };
    return client.apply(object, { fieldManager, force: true });
  };
  const update = (body: JsonObject): Promise<unknown> =>
    client.patch(web, { type: "merge", body }, { fieldManager: "hand" });

  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  const head = await commit("example/web:1");
  const metadata = { name, namespace: NAMESPACE };
  const source = { url: repository.url, interval: "1h", ref: { branch: "main" } };
  await client.create({ apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository", metadata, spec: source });
  const spec = { interval: "1h", prune: true, path: "./app", sourceRef: { kind: "GitRepository", name }, ignore };
  await client.create({ apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", metadata, spec });
  await run(scene, "made", head);

  await apply("scaler", { spec: { replicas: 2 } });
  await run(scene, "an ignored field is taken");
  await run(scene, "an ignored field is taken, and another changes", await commit("example/web:2"));
  await update({ metadata: { annotations: { [NOTES[0] ?? ""]: "hand" } }, spec: { replicas: 3 } });
  await run(scene, "an ignored field is edited");
  await run(scene, "an ignored field is edited, and another changes", await commit("example/web:3"));
  const container = { name: "app", resources: { limits: { cpu: "200m" } } };
  await apply("resizer", { spec: { template: { spec: { containers: [container] } } } });
  await run(scene, "a field of an item is taken");
  await run(scene, "a field of an item is taken, and another changes", await commit("example/web:4"));
  await update({ spec: { template: { metadata: { labels: { drift: "yes" } } }, minReadySeconds: 5 } });
  await run(scene, "fields that Git does not have are set");
  await update({ metadata: { labels: { tier: "db" } } });
  await run(scene, "the label that the target wants is edited: Git's counts");
  await run(scene, "nothing happens");
  await update({ metadata: { annotations: { [GONE]: null } } });
  await run(scene, "an ignored field is removed");
  await run(scene, "an ignored field is removed, and another changes", await commit("example/web:5"));
  return scene.left;
}

corpusTest(
  "flux-cluster",
  "each step of a life with ignored fields leaves what real Flux leaves",
  async (folder, t) => {
    const site = await openFluxCluster(folder, t, { atPort: true });
    const git = await startTestGitServer();
    t.after(() => git.close());
    const lives: Scene["left"][] = [];
    for (const [name, start] of [
      ["apple", startFluxOn],
      ["grape", startPlumblineOn],
    ] as const) {
      const engine = await start(site, t);
      const scene = { client: site.client, engine, repository: await git.create(name), name, left: [] };
      lives.push(await story(scene));
      await engine.stop();
    }
    const [theirs, ours] = lives;
    assert.equal(theirs?.length, 12);
    // Decision 0156: Flux sends null for what is missing, which brings an annotation back without its text.
    const [theirLast, ourLast] = [theirs.pop(), ours?.pop()];
    assert.equal(dig(theirLast?.object, "kept", "annotations", GONE), "");
    assert.equal(dig(ourLast?.object, "kept", "annotations", GONE), undefined);
    for (const [i, { step, object }] of theirs.entries()) assert.deepEqual(ours?.[i]?.object, object, step);
    t.diagnostic(`${theirs.length} of ${theirs.length + 1} steps are the same`);
  },
);
