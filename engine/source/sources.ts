// Keeps every source at its newest revision: polls, fetches, tells the deliveries, stores the artifact, reports.

import {
  type DataRef,
  Failure,
  type GitSource,
  type Manifest,
  type SourceOutcome,
  asFailure,
  digString,
} from "@plumbline/core/model";
import { commitOfRevision, type Resolved } from "@plumbline/core/source";
import { jittered, JITTER, retryDelayMs } from "../loop/interval.ts";
import { WorkQueue } from "../loop/work-queue.ts";
import type { GitRemote, Ports } from "../ports/index.ts";
import { StatusWriter } from "../report/status-writer.ts";
import type { NamedObjects } from "../watch/named-objects.ts";
import { endRecount, marksOf, seeObject, startRecount } from "../watch/seen-object.ts";
import { refOfData, remoteOfSource } from "./remote-of-source.ts";
import { SourceRevision } from "./revision.ts";
import type { SourceState } from "./source-state.ts";

export interface SourcesOptions {
  ports: Ports;
  named: NamedObjects;
  writer: StatusWriter;
  /** A source has a new revision, lost its last one, or came to fail. */
  onChange: (key: string) => void;
}

/** How long Git may take to answer after a start before the disk's last revision is used. */
const FIRST_ANSWER_MS = 800;

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
      if (!seeObject(known, object, this.#options.ports.dialect)) return;
      known.abort?.abort(supersededBy("a change of the source"));
      this.#queue.add(key, "changed");
      return;
    }
    this.#states.set(key, {
      key,
      object,
      marks: marksOf(object, this.#options.ports.dialect),
      spec: undefined,
      current: undefined,
      failure: undefined,
      failures: 0,
      unwritten: 0,
      unsubscribe: undefined,
      secretKey: "",
      abort: undefined,
      storing: Promise.resolve(),
    });
    this.#queue.add(key, "seen");
  }

  startRecount(): void {
    startRecount(this.#states.values());
  }

  endRecount(): void {
    for (const state of endRecount(this.#states.values())) this.#queue.add(state.key, "changed");
  }

  gone(key: string): void {
    const state = this.#states.get(key);
    if (!state) return;
    state.unsubscribe?.();
    state.abort?.abort(supersededBy("the deletion of the source"));
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
    const run = new AbortController();
    state.abort = run;
    try {
      const spec = this.#options.ports.dialect.readSource(state.object);
      state.spec = spec;
      if (spec.deleting) return await this.#finalize(state);
      await this.#options.writer.ensureFinalizer(state, this.#options.ports.dialect.managers.sourceStatus);
      if (spec.suspended) return await this.#serveSuspended(state, spec);
      await this.#refresh(state, spec, { reasons, signal: AbortSignal.any([this.#abort.signal, run.signal]) });
    } catch (error) {
      if (this.#abort.signal.aborted || run.signal.aborted) return;
      await this.#failed(state, asFailure(error)).catch((unwritten: unknown) => this.#unwritten(state, unwritten));
    } finally {
      state.abort = undefined;
    }
  }

  /** A suspended source is not polled, but what it fetched last still serves, also after a restart. */
  async #serveSuspended(state: SourceState, spec: GitSource): Promise<void> {
    await this.#report(state, { kind: "suspended", requestedAt: spec.requestedAt });
    if (state.current) return;
    const remote = await this.#remoteOrRecall(state, spec);
    await this.#resume(state, spec, remote);
    if (!state.current) await this.#fetchRecorded(state, spec, remote);
  }

  /** What an earlier instance, or Flux, fetched last is in no cache of ours: that very commit is fetched, none newer. */
  async #fetchRecorded(state: SourceState, spec: GitSource, remote: GitRemote): Promise<void> {
    const { git, log } = this.#options.ports;
    const revision = digString(state.object, "status", "artifact", "revision") ?? "";
    const commit = commitOfRevision(revision);
    if (commit === undefined) return;
    try {
      const call = { timeoutMs: spec.timeoutMs, signal: this.#abort.signal };
      await git.fetch({ ...remote, ...call, ref: { commit }, commit });
      await this.#take(state, spec, remote, { revision, commit });
      await git.remember(spec.origin.uid, remote, { revision, commit });
      this.#options.onChange(state.key);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      log.error("a suspended source cannot be fetched again", { source: state.key, error: asFailure(error).message });
      this.#queue.addAfter(state.key, "interval", jittered(spec.intervalMs, this.#options.ports.random));
    }
  }

  async #refresh(
    state: SourceState,
    spec: GitSource,
    { reasons, signal }: { reasons: ReadonlySet<string>; signal: AbortSignal },
  ): Promise<void> {
    const { git } = this.#options.ports;
    const remote = await this.#remoteOrRecall(state, spec);
    const call = { ...remote, ref: spec.ref, timeoutMs: spec.timeoutMs, signal };
    const isTimer = reasons.size === 1 && reasons.has("interval");
    const maxAgeMs = isTimer ? spec.intervalMs * (1 - 3 * JITTER) : 0;
    const resolved = await this.#orResume(state, { spec, remote, signal }, () => git.resolve({ ...call, maxAgeMs }));
    const before = state.current;
    const isNew = before?.resolved.revision !== resolved.revision || before.scope !== scopeOf(remote, spec);
    if (isNew || reasons.has("changed")) this.#note(state, "noticed", resolved.revision);
    // Free when the commit is there.
    await this.#orResume(state, { spec, remote, signal }, () => git.fetch({ ...call, commit: resolved.commit }));
    await this.#take(state, spec, remote, resolved);
    state.failure = undefined;
    state.failures = 0;
    this.#queue.addAfter(state.key, "interval", jittered(spec.intervalMs, this.#options.ports.random));
    if (isNew) {
      this.#note(state, "fetched", resolved.revision);
      this.#options.onChange(state.key);
    }
    this.#store(state, { spec, remote, resolved });
  }

  /**
   * After a restart Git is asked before anything is applied, or what was taken back meanwhile would be applied once
   * more. Where it does not answer soon, or not at all, what the cache holds is current.
   */
  async #orResume<T>(
    state: SourceState,
    at: { spec: GitSource; remote: GitRemote; signal: AbortSignal },
    ask: () => Promise<T>,
  ): Promise<T> {
    if (state.current) return await ask();
    const resumed = Promise.withResolvers<void>();
    const resume = (): void => {
      void this.#resume(state, at.spec, at.remote).then(resumed.resolve, resumed.reject);
    };
    resumed.promise.catch(() => undefined); // whoever waits for it below is told
    let isDue = false;
    const cancel = this.#options.ports.clock.after(FIRST_ANSWER_MS, () => {
      isDue = true;
      resume();
    });
    try {
      const answer = await ask();
      if (isDue) await resumed.promise; // or it would come after what is newer
      return answer;
    } catch (error) {
      if (at.signal.aborted) throw error;
      if (!isDue) resume();
      await resumed.promise.catch(() => undefined); // why Git does not answer is what counts
      throw error;
    } finally {
      cancel();
    }
  }

  /** A source whose Secret is missing after a restart keeps what it had, as with Flux. */
  async #remoteOrRecall(state: SourceState, spec: GitSource): Promise<GitRemote> {
    try {
      return await this.#remote(state, spec);
    } catch (error) {
      if (!state.current && !this.#abort.signal.aborted) await this.#resume(state, spec, undefined);
      throw error;
    }
  }

  /** What the cache holds is current until a poll says otherwise. */
  async #resume(state: SourceState, spec: GitSource, remote: GitRemote | undefined): Promise<void> {
    const { git } = this.#options.ports;
    const good = remote && (await git.lastGood({ ...remote, ref: spec.ref }));
    const found = remote && good ? { remote, resolved: good } : await git.recall(spec.origin.uid);
    if (!found) return;
    try {
      await this.#take(state, spec, found.remote, found.resolved);
      this.#options.onChange(state.key);
    } catch {
      state.current = undefined; // the cache lost it: the poll that follows fetches it again
    }
  }

  async #take(state: SourceState, spec: GitSource, remote: GitRemote, resolved: Resolved): Promise<void> {
    const ignore = spec.ignore === undefined ? {} : { ignore: spec.ignore };
    const scope = scopeOf(remote, spec);
    const next = new SourceRevision(this.#options.ports.git, { ...remote, ...ignore, scope }, resolved);
    await next.hold();
    state.current?.drop();
    state.current = next;
  }

  /** The artifact is made once per revision and beside everything else: deliveries do not wait for it. */
  #store(
    state: SourceState,
    { spec, remote, resolved }: { spec: GitSource; remote: GitRemote; resolved: Resolved },
  ): void {
    const stored = digString(state.object, "status", "artifact", "revision") === resolved.revision;
    const revision = state.current;
    state.storing = state.storing
      .then(async () => {
        if (!revision || state.current !== revision) return;
        const made = await this.#makeArtifact(spec, remote, revision);
        if (made instanceof Failure) {
          if (!this.#abort.signal.aborted) await this.#failed(state, made);
          return;
        }
        if (!stored) this.#note(state, "stored", resolved.revision);
        const { requestedAt } = spec;
        await this.#report(state, { kind: "fetched", revision: resolved.revision, ...made, requestedAt });
        state.unwritten = 0;
      })
      .catch((error: unknown) => this.#unwritten(state, error));
  }

  async #makeArtifact(
    { origin }: GitSource,
    remote: GitRemote,
    revision: SourceRevision,
  ): Promise<Pick<Extract<SourceOutcome, { kind: "fetched" }>, "artifact" | "commitSubject"> | Failure> {
    const { git, artifacts } = this.#options.ports;
    const { kind, namespace, name, uid } = origin;
    const { resolved } = revision;
    try {
      await git.remember(uid, remote, resolved);
      const request = { kind, namespace, name, revision: resolved.revision };
      const artifact = await revision.with((snapshot) => artifacts.store({ ...request, snapshot }));
      return { artifact, commitSubject: await git.subject({ ...remote, commit: resolved.commit }) };
    } catch (error) {
      return asFailure(error, "ArchiveOperationFailed");
    }
  }

  /** What the API server did not take is no failure of the source: it is told again soon. */
  #unwritten(state: SourceState, error: unknown): void {
    if (this.#abort.signal.aborted || !this.#states.has(state.key)) return;
    this.#options.ports.log.error("status not written", { source: state.key, error: asFailure(error).message });
    const delay = retryDelayMs(++state.unwritten);
    this.#queue.addAfter(state.key, "retry", jittered(delay, this.#options.ports.random));
  }

  async #remote(state: SourceState, spec: GitSource): Promise<GitRemote> {
    this.#follow(state, spec.secret);
    return await remoteOfSource(spec, (ref) => this.#options.named.value(ref, { signal: this.#abort.signal }));
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
    const { artifacts, git } = this.#options.ports;
    if (state.spec) {
      await artifacts.remove(state.spec.origin);
      await git.forget(state.spec.origin.uid);
    }
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

/** Differs where one revision may hold other files. */
function scopeOf(remote: GitRemote, spec: GitSource): string {
  return JSON.stringify([remote.url, spec.ignore ?? null]);
}

function supersededBy(what: string): Failure {
  return new Failure({ reason: "SourceUnavailable", message: `superseded by ${what}` });
}
