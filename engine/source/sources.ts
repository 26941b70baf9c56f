// Keeps every source at its newest revision: polls, fetches, tells the deliveries, stores the artifact, reports.

import {
  type DataRef,
  Failure,
  type GitSource,
  type Manifest,
  type ObjectRef,
  type SourceOutcome,
  asFailure,
  dig,
  digString,
  isObject,
  own,
} from "@plumbline/core/model";
import { type GitAuth, type Resolved, readGitSecret } from "@plumbline/core/source";
import { jittered, JITTER } from "../loop/interval.ts";
import { WorkQueue } from "../loop/work-queue.ts";
import type { GitRemote, Ports } from "../ports/index.ts";
import { StatusWriter } from "../report/status-writer.ts";
import type { NamedObjects } from "../watch/named-objects.ts";
import { SourceRevision } from "./revision.ts";
import { type SourceState, retryDelayMs } from "./source-state.ts";

export interface SourcesOptions {
  ports: Ports;
  named: NamedObjects;
  writer: StatusWriter;
  /** A source has a new revision, lost its last one, or came to fail. */
  onChange: (key: string) => void;
}

export class Sources {
  readonly #options: SourcesOptions;
  readonly #states = new Map<string, SourceState>();
  readonly #queue: WorkQueue;
  readonly #abort = new AbortController();

  constructor(options: SourcesOptions) {
    this.#options = options;
    const { clock, log } = options.ports;
    this.#queue = new WorkQueue({
      clock,
      work: (key, reasons) => this.#run(key, reasons),
      onError: (key, error) => log.error("source run broke", { source: key, error: asFailure(error).message }),
    });
  }

  get(key: string): SourceState | undefined {
    return this.#states.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#states.keys();
  }

  /** A source object appeared or changed. */
  see(key: string, object: Manifest): void {
    const known = this.#states.get(key);
    if (known) {
      const before = known.object;
      known.object = object;
      if (isNewRequest(before, object, this.#options.ports)) this.#queue.add(key, "changed");
      return;
    }
    this.#states.set(key, {
      key,
      object,
      spec: undefined,
      current: undefined,
      failure: undefined,
      failures: 0,
      unsubscribe: undefined,
      secretKey: "",
      storing: Promise.resolve(),
    });
    this.#queue.add(key, "seen");
  }

  gone(key: string): void {
    const state = this.#states.get(key);
    if (!state) return;
    state.unsubscribe?.();
    state.current?.drop();
    this.#states.delete(key);
    this.#queue.forget(key);
    this.#options.onChange(key);
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Failure({ reason: "Internal", message: "stopping" }));
    await this.#queue.stop();
    await Promise.all([...this.#states.values()].map((state) => state.storing.catch(() => undefined)));
    for (const state of this.#states.values()) state.unsubscribe?.();
  }

  async #run(key: string, reasons: ReadonlySet<string>): Promise<void> {
    const state = this.#states.get(key);
    if (!state) return;
    try {
      const spec = this.#options.ports.dialect.readSource(state.object);
      state.spec = spec;
      if (spec.deleting) return await this.#finalize(state);
      await this.#options.writer.ensureFinalizer(state, this.#options.ports.dialect.managers.sourceStatus);
      if (spec.suspended) return await this.#serveSuspended(state, spec);
      await this.#refresh(state, spec, reasons);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      await this.#failed(state, asFailure(error));
    }
  }

  /** A suspended source is not polled, but what it fetched last still serves, also after a restart. */
  async #serveSuspended(state: SourceState, spec: GitSource): Promise<void> {
    if (!state.current) await this.#resume(state, spec, await this.#remote(state, spec));
  }

  async #refresh(state: SourceState, spec: GitSource, reasons: ReadonlySet<string>): Promise<void> {
    const { git } = this.#options.ports;
    const remote = await this.#remote(state, spec);
    if (!state.current) await this.#resume(state, spec, remote);
    const call = { ...remote, ref: spec.ref, timeoutMs: spec.timeoutMs, signal: this.#abort.signal };
    const isTimer = reasons.size === 1 && reasons.has("interval");
    const maxAgeMs = isTimer ? spec.intervalMs * (1 - 3 * JITTER) : 0;
    const resolved = await git.resolve({ ...call, maxAgeMs });
    const isNew = state.current?.resolved.revision !== resolved.revision || reasons.has("ignore");
    if (isNew || reasons.has("changed")) this.#note(state, "noticed", resolved.revision);
    await git.fetch({ ...call, commit: resolved.commit }); // free when the commit is there
    await this.#take(state, spec, remote, resolved);
    const wasFailing = state.failure !== undefined;
    state.failure = undefined;
    state.failures = 0;
    this.#queue.addAfter(state.key, "interval", jittered(spec.intervalMs, this.#options.ports.random));
    if (isNew || wasFailing) {
      if (isNew) this.#note(state, "fetched", resolved.revision);
      this.#options.onChange(state.key);
    }
    this.#store(state, { spec, remote, resolved });
  }

  /** After a restart: what the cache holds is current until the first poll says otherwise, with or without network. */
  async #resume(state: SourceState, spec: GitSource, remote: GitRemote): Promise<void> {
    const good = await this.#options.ports.git.lastGood({ ...remote, ref: spec.ref });
    if (!good) return;
    try {
      await this.#take(state, spec, remote, good);
      this.#options.onChange(state.key);
    } catch {
      state.current = undefined; // the cache lost it: the poll that follows fetches it again
    }
  }

  async #take(state: SourceState, spec: GitSource, remote: GitRemote, resolved: Resolved): Promise<void> {
    const ignore = spec.ignore === undefined ? {} : { ignore: spec.ignore };
    const next = new SourceRevision(this.#options.ports.git, { ...remote, ...ignore }, resolved);
    await next.hold();
    state.current?.drop();
    state.current = next;
  }

  /** The artifact is made once per revision and beside everything else: deliveries do not wait for it. */
  #store(
    state: SourceState,
    { spec, remote, resolved }: { spec: GitSource; remote: GitRemote; resolved: Resolved },
  ): void {
    const { kind, namespace, name } = spec.origin;
    const stored = digString(state.object, "status", "artifact", "revision") === resolved.revision;
    const revision = state.current;
    state.storing = state.storing
      .then(async () => {
        if (!revision || state.current !== revision) return;
        const request = { kind, namespace, name, revision: resolved.revision };
        const artifact = await revision.with((snapshot) =>
          this.#options.ports.artifacts.store({ ...request, snapshot }),
        );
        if (!stored) this.#note(state, "stored", resolved.revision);
        const commitSubject = await this.#options.ports.git.subject({ ...remote, commit: resolved.commit });
        await this.#report(state, {
          kind: "fetched",
          revision: resolved.revision,
          artifact,
          commitSubject,
          requestedAt: spec.requestedAt,
        });
      })
      .catch(async (error: unknown) => {
        if (!this.#abort.signal.aborted) await this.#failed(state, asFailure(error, "ArchiveOperationFailed"));
      })
      .catch((error: unknown) => {
        this.#options.ports.log.error("status not written", { source: state.key, error: asFailure(error).message });
      });
  }

  async #remote(state: SourceState, spec: GitSource): Promise<GitRemote> {
    this.#follow(state, spec.secret);
    if (!spec.secret) return { url: spec.url };
    const secret = await this.#options.named.value(refOfData(spec.secret), { signal: this.#abort.signal });
    if (!secret) {
      throw new Failure({
        reason: "AuthenticationFailed",
        message: `Secret '${spec.secret.namespace}/${spec.secret.name}' not found`,
        hint: `Create it: kubectl -n ${spec.secret.namespace} create secret generic ${spec.secret.name} --from-literal=username=… --from-literal=password=…`,
        where: { field: "spec.secretRef.name" },
      });
    }
    const auth: GitAuth = readGitSecret(decodeData(secret));
    return { url: spec.url, auth };
  }

  /** Watches the Secret that the source refers to, so that a rotated credential is used at once. */
  #follow(state: SourceState, secret: DataRef | undefined): void {
    const key = secret ? `${secret.namespace}/${secret.name}` : "";
    if (key === state.secretKey) return;
    state.unsubscribe?.();
    state.secretKey = key;
    state.unsubscribe = secret
      ? this.#options.named.subscribe(refOfData(secret), () => this.#queue.add(state.key, "changed"))
      : undefined;
  }

  async #failed(state: SourceState, failure: Failure): Promise<void> {
    const isNews = state.failure?.message !== failure.message;
    state.failure = failure;
    state.failures++;
    if (failure.retry !== "never") {
      const delay = retryDelayMs(state.failures);
      const limit = state.spec?.intervalMs ?? delay;
      this.#queue.addAfter(
        state.key,
        "retry",
        jittered(Math.min(delay, Math.max(limit, 1000)), this.#options.ports.random),
      );
    }
    if (isNews) {
      this.#options.ports.onEvent({
        type: "source-failed",
        key: state.key,
        failure,
        atMs: this.#options.ports.clock.monotonic(),
      });
      if (!state.current) this.#options.onChange(state.key);
    }
    await this.#report(state, { kind: "failed", failure, requestedAt: state.spec?.requestedAt });
  }

  async #finalize(state: SourceState): Promise<void> {
    const spec = state.spec;
    if (spec) await this.#options.ports.artifacts.remove(spec.origin);
    await this.#options.writer.removeFinalizer(state, this.#options.ports.dialect.managers.sourceStatus);
  }

  async #report(state: SourceState, outcome: SourceOutcome): Promise<void> {
    await this.#options.writer.writeSource(state, outcome);
  }

  #note(state: SourceState, step: "noticed" | "fetched" | "stored", revision: string): void {
    const { onEvent, clock } = this.#options.ports;
    onEvent({ type: "source", key: state.key, step, revision, atMs: clock.monotonic() });
  }
}

/** True when the spec changed, deletion began, or a person asked for a run. */
function isNewRequest(before: Manifest, after: Manifest, ports: Ports): boolean {
  const marks = (object: Manifest): string => {
    const deleted = digString(object, "metadata", "deletionTimestamp") ?? "";
    return `${JSON.stringify(dig(object, "metadata", "generation") ?? 0)} ${deleted} ${ports.dialect.requestOf(object) ?? ""}`;
  };
  return marks(before) !== marks(after);
}

function refOfData(data: DataRef): ObjectRef {
  return { group: "", version: "v1", kind: data.kind, namespace: data.namespace, name: data.name };
}

/** The Secret's values as text; what is no valid base64 cannot come from an API server. */
function decodeData(secret: Manifest): Record<string, string> {
  const decoded: Record<string, string> = {};
  const data = own(secret, "data");
  if (!isObject(data)) return decoded;
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === "string") decoded[key] = new TextDecoder().decode(Uint8Array.fromBase64(value));
  }
  return decoded;
}
