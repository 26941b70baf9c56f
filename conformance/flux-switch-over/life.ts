// The life of one GitRepository and its Kustomization: everything that happens to such a pair, step by step.

import { setTimeout as sleep } from "node:timers/promises";
import { dig, digString, isObject, type JsonObject, type JsonValue, type Manifest } from "@plumbline/core/model";
import type { KubeClient } from "@plumbline/edges/kube";
import type { TestRepository } from "@plumbline/testkit/git-server";

export const REPOSITORY = { group: "source.toolkit.fluxcd.io", version: "v1", kind: "GitRepository" };
export const KUSTOMIZATION = { group: "kustomize.toolkit.fluxcd.io", version: "v1", kind: "Kustomization" };

/** What one step left behind. */
export interface Recording {
  step: string;
  kustomization: Manifest;
  repository: Manifest;
  /** Managed objects by kind and name. */
  objects: Record<string, Manifest>;
  /** Those of this step, without order. */
  events: JsonObject[];
}

export interface LifeOptions {
  client: KubeClient;
  /** Of the Flux objects; managed objects are in the namespace `name`. */
  namespace: string;
  /** Five letters, so that ids are equally long. */
  name: string;
  repository: TestRepository;
  /** Called when a step takes too long, for the message. */
  log(): string;
}

const PATIENCE_MS = 90_000;
const POLL_MS = 100;
const REQUEST = "reconcile.fluxcd.io/requestedAt";
const USER = "a-user";

const settings = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  value: "${value}"\n`;
const service = (port: number): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: { app: web }\n  ports:\n    - { name: http, port: ${port} }\n`;
const account = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n";
const secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\nstringData:\n  password: first\n";
const folder = (...resources: string[]): string =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [${resources.join(", ")}]\n`;

type Expected = { ready: "True" | "False"; commit?: string; reason?: string };

class Life {
  readonly #options: LifeOptions;
  readonly #recordings: Recording[] = [];
  #seenEvents = new Set<string>();
  #requests = 0;

  constructor(options: LifeOptions) {
    this.#options = options;
  }

  async run(): Promise<Recording[]> {
    const { repository } = this.#options;
    const first = await repository.commit(
      {
        "app/kustomization.yaml": folder("settings.yaml", "service.yaml", "account.yaml", "secret.yaml"),
        "app/settings.yaml": settings("1"),
        "app/service.yaml": service(80),
        "app/account.yaml": account,
        "app/secret.yaml": secret,
      },
      { message: "First" },
    );
    await this.#create();
    await this.#step("born and applied", { ready: "True", commit: first });

    const second = await repository.commit(
      {
        "app/kustomization.yaml": folder("settings.yaml", "service.yaml", "secret.yaml"),
        "app/settings.yaml": settings("2"),
        "app/account.yaml": null,
      },
      { message: "Second" },
    );
    await this.#fetch();
    await this.#step("a new commit changes one object and drops another", { ready: "True", commit: second });

    const third = await repository.commit({ "app/kustomization.yaml": folder("nowhere.yaml") }, { message: "Third" });
    await this.#fetch();
    await this.#step("a commit that does not build", { ready: "False", commit: third, reason: "BuildFailed" });

    const fourth = await repository.commit(
      {
        "app/kustomization.yaml": folder("settings.yaml", "service.yaml", "secret.yaml"),
        "app/service.yaml": service(0),
      },
      { message: "Fourth" },
    );
    await this.#fetch();
    await this.#step("a commit that the API server refuses", {
      ready: "False",
      commit: fourth,
      reason: "ReconciliationFailed",
    });

    const fifth = await repository.commit({ "app/service.yaml": service(81) }, { message: "Fifth" });
    await this.#fetch();
    await this.#step("a commit that puts it right", { ready: "True", commit: fifth });
    await this.#rest(fifth);
    return this.#recordings;
  }

  /** What happens without a commit. */
  async #rest(commit: string): Promise<void> {
    await this.#patch(KUSTOMIZATION, { spec: { suspend: true } });
    await sleep(1500);
    await this.#record("suspended");
    await this.#patch(KUSTOMIZATION, { spec: { suspend: false } });
    await this.#step("resumed", { ready: "True", commit });
    await this.#request(KUSTOMIZATION);
    await this.#step("a run that was asked for", { ready: "True", commit });
    await this.#patch(KUSTOMIZATION, { spec: { path: "./nowhere" } });
    await this.#step("a path that is not there", { ready: "False", reason: "ArtifactFailed" });
    await this.#patch(KUSTOMIZATION, { spec: { path: "./app" } });
    await this.#step("the path is right again", { ready: "True", commit });
    await this.#patch(REPOSITORY, { spec: { suspend: true } });
    await sleep(1500);
    await this.#record("the source is suspended");
    await this.#patch(REPOSITORY, { spec: { suspend: false } });
    await this.#until("the source is back", async () => isReady(await this.#get(REPOSITORY), { ready: "True" }));
    await this.#record("the source is resumed");
    await this.#patch(REPOSITORY, { spec: { ref: { branch: "nowhere" } } });
    await this.#until("the source fails", async () => isReady(await this.#get(REPOSITORY), { ready: "False" }));
    await this.#record("a branch that is not there");
    await this.#patch(REPOSITORY, { spec: { ref: { branch: "main" } } });
    await this.#until("the source works", async () => isReady(await this.#get(REPOSITORY), { ready: "True" }));
    await this.#step("the branch is right again", { ready: "True", commit });
  }

  async #create(): Promise<void> {
    const { client, namespace, name, repository } = this.#options;
    const metadata = { name, namespace };
    const write = async (manifest: Manifest): Promise<void> => {
      await client.create(manifest, { fieldManager: USER });
    };
    await write({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await write({
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      metadata,
      spec: { url: repository.url, interval: "10m", ref: { branch: "main" } },
    });
    await write({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata,
      spec: {
        interval: "10m",
        retryInterval: "5m",
        timeout: "2m",
        path: "./app",
        prune: true,
        wait: true,
        targetNamespace: name,
        sourceRef: { kind: "GitRepository", name },
      },
    });
  }

  async #get(kind: typeof KUSTOMIZATION): Promise<Manifest> {
    const { client, namespace, name } = this.#options;
    return await client.get({ ...kind, namespace, name });
  }

  async #patch(kind: typeof KUSTOMIZATION, body: JsonObject): Promise<void> {
    const { client, namespace, name } = this.#options;
    await client.patch({ ...kind, namespace, name }, { type: "merge", body }, { fieldManager: USER });
  }

  async #request(kind: typeof KUSTOMIZATION): Promise<void> {
    const value = `request-${++this.#requests}`;
    await this.#patch(kind, { metadata: { annotations: { [REQUEST]: value } } });
    await this.#until(`${kind.kind} handles ${value}`, async () => {
      return digString(await this.#get(kind), "status", "lastHandledReconcileAt") === value;
    });
  }

  async #fetch(): Promise<void> {
    await this.#request(REPOSITORY);
  }

  async #step(step: string, expected: Expected): Promise<void> {
    await this.#until(step, async () => isReady(await this.#get(KUSTOMIZATION), expected));
    await this.#record(step);
  }

  async #until(what: string, isDone: () => Promise<boolean>): Promise<void> {
    for (const start = performance.now(); !(await isDone()); await sleep(POLL_MS)) {
      if (performance.now() - start < PATIENCE_MS) continue;
      const now = JSON.stringify((await this.#get(KUSTOMIZATION)).status, null, 1);
      throw new RangeError(`never came to: ${what}\n${now}\n${this.#options.log().slice(-4000)}`);
    }
  }

  async #record(step: string): Promise<void> {
    // Events follow the status.
    await sleep(700);
    this.#recordings.push({
      step,
      kustomization: await this.#get(KUSTOMIZATION),
      repository: await this.#get(REPOSITORY),
      objects: await this.#objects(),
      events: await this.#events(),
    });
  }

  async #objects(): Promise<Record<string, Manifest>> {
    const found: Record<string, Manifest> = {};
    for (const kind of ["ConfigMap", "Service", "ServiceAccount", "Secret"]) {
      const { items } = await this.#options.client.listAll(
        { group: "", version: "v1", kind },
        { namespace: this.#options.name, labelSelector: "kustomize.toolkit.fluxcd.io/name" },
      );
      for (const item of items) found[`${kind}/${digString(item, "metadata", "name")}`] = item;
    }
    return found;
  }

  async #events(): Promise<JsonObject[]> {
    const { client, namespace, name } = this.#options;
    const { items } = await client.listAll(
      { group: "", version: "v1", kind: "Event" },
      { namespace, fieldSelector: `involvedObject.name=${name}` },
    );
    const isNew = (event: Manifest): boolean => {
      const key = `${digString(event, "metadata", "uid")} ${JSON.stringify(event.count)}`;
      if (this.#seenEvents.has(key)) return false;
      this.#seenEvents.add(key);
      return true;
    };
    return items.filter(isNew);
  }
}

function isReady(object: Manifest, { ready, commit, reason }: Expected): boolean {
  const conditions = dig(object, "status", "conditions");
  const all: JsonValue[] = Array.isArray(conditions) ? conditions : [];
  const found = all.find((condition) => isObject(condition) && condition.type === "Ready");
  const generation = dig(object, "metadata", "generation");
  if (digString(found, "status") !== ready || dig(found, "observedGeneration") !== generation) return false;
  if (reason !== undefined && digString(found, "reason") !== reason) return false;
  if (commit === undefined) return true;
  const attempted = digString(object, "status", "lastAttemptedRevision") ?? "";
  return attempted.endsWith(commit);
}

/** Lives through every step and tells what each left. */
export function recordLife(options: LifeOptions): Promise<Recording[]> {
  return new Life(options).run();
}
