// All deliveries: what makes one run, what it waits for, what is told afterwards.

import {
  type Delivery,
  type DeliveryOutcome,
  Failure,
  type InventoryEntry,
  type Manifest,
  type Repair,
  type RunFacts,
  asFailure,
  digString,
} from "@plumbline/core/model";
import { jittered, retryDelayMs } from "../loop/interval.ts";
import { WorkQueue } from "../loop/work-queue.ts";
import { ManagedObjects } from "../watch/managed-objects.ts";
import { endRecount, isSetBack, marksOf, seeObject, startRecount } from "../watch/seen-object.ts";
import type { Suspect } from "../watch/tracked.ts";
import { callOf } from "./apply-context.ts";
import { type DeliveryState, type Run, forgetGenerations, newDeliveryState } from "./delivery-state.ts";
import { blockedFor } from "./blocked.ts";
import type { DeliveriesOptions } from "./deliveries-options.ts";
import { keyOf } from "./dependencies.ts";
import { heldDependency, holdBehind, leaveBehind } from "./held-behind.ts";
import { Dependents } from "./dependents.ts";
import { Intents } from "./intents.ts";
import { finalizeDelivery } from "./finalize-delivery.ts";
import { Repairs } from "./repairs.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { noFacts } from "./no-facts.ts";
import { noticesOf } from "./notices.ts";
import { NewestBuilds } from "./newest-builds.ts";
import { isQuiet } from "./quiet.ts";
import { Ownership } from "./ownership.ts";
import { DeliveryGates } from "../gate/delivery-gates.ts";
import { reportProgress } from "./progress.ts";
import { touchedBy } from "./touched.ts";
import { type RunTools, runDelivery, supersededBy } from "./run-delivery.ts";
import { followVariables, readVariables } from "./variables.ts";

/** Waiting for a source, a dependency or windows is told when it lasts: thousands wait for a moment at each start. */
const WAIT_TOLD_AFTER_MS = 3000;
/** Of an object that cannot be read and so says no interval. */
const DEFAULT_RETRY_MS = 60_000;
/** An API server that is away is asked again at least this often. */
const MAX_OUTAGE_RETRY_MS = 30_000;

export class Deliveries {
  readonly managed: ManagedObjects;
  readonly #options: DeliveriesOptions;
  readonly #states = new Map<string, DeliveryState>();
  readonly #dependents = new Dependents();
  readonly #queue: WorkQueue;
  readonly #tools: RunTools;
  readonly #repairs: Repairs;
  readonly #ownership: Ownership;
  readonly #gates: DeliveryGates;
  readonly #intents: Intents;
  readonly #stop = new AbortController();

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    const { ports, named, writer } = options;
    const { kube, dialect, clock, sha256, log } = ports;
    const onSuspect = (suspect: Suspect): void => this.#onSuspect(suspect);
    this.managed = new ManagedObjects({ kube, dialect, clock, log, sha256, override: options.override, onSuspect });
    this.#ownership = this.#openOwnership();
    this.#intents = new Intents({ ports, place: options.intents, signal: this.#stop.signal });
    this.#tidyIntents().catch(() => undefined); // stopped before
    this.#tools = {
      ports,
      named,
      managed: this.managed,
      ownership: this.#ownership,
      override: options.override,
      customKinds: options.customKinds,
      pruneGuard: options.pruneGuard,
      windows: options.windows,
      leavePlace: ({ key }) => this.#queue.leavePlace(key),
      ensureFinalizer: (state) => writer.ensureFinalizer(state, dialect.managers.deliveryStatus),
      noteIntent: (state, inventory) => this.#noteIntent(state, inventory),
      recordIntent: (state, facts) => this.#recordIntent(state, facts),
    };
    this.#gates = new DeliveryGates({ ports, windows: options.windows });
    const reports = {
      repaired: (state: DeliveryState, repair: Repair) => writer.recordRepair(state, repair),
      fightChanged: (state: DeliveryState) => this.#note(state),
      heldChanged: (state: DeliveryState) => {
        this.#gates.told(state);
        this.#note(state);
      },
    };
    this.#repairs = new Repairs(this.#tools, reports, this.#stop.signal);
    this.#queue = new WorkQueue({
      clock,
      width: options.concurrency,
      work: (key, reasons) => this.#work(key, reasons),
      onError: (key, error) => log.error("run broke", { kustomization: key, error: asFailure(error).message }),
    });
  }

  #openOwnership(): Ownership {
    const { ports, named, sources, allowCrossNamespace, known } = this.#options;
    const { signal } = this.#stop;
    return new Ownership({
      ports,
      managed: this.managed,
      builds: new NewestBuilds({ ports, named, sources, allowCrossNamespace, signal }),
      states: this.#states,
      known,
      signal,
      wake: (key) => this.#queue.addUrgent(key, "ownership"),
      note: (key) => {
        const state = this.#states.get(key);
        if (state) this.#note(state);
      },
    });
  }

  get(key: string): DeliveryState | undefined {
    return this.#states.get(key);
  }

  all(): IterableIterator<DeliveryState> {
    return this.#states.values();
  }

  /** A delivery object appeared or changed. */
  see(key: string, object: Manifest): void {
    const state = this.#states.get(key);
    if (!state) {
      const added = newDeliveryState(key, object, marksOf(object, this.#options.ports.dialect));
      this.#states.set(key, added);
      this.#read(added);
      this.#queue.add(key, "seen");
      this.#wakeDependents(key);
      return;
    }
    if (isSetBack(state, object)) forgetGenerations(state);
    const isAsked = seeObject(state, object, this.#options.ports.dialect);
    const isGateNews = this.#gates.isNews(state);
    if (!isAsked && !isGateNews) return;
    this.#read(state);
    this.#trigger(state, isAsked ? "its spec" : "its override");
  }

  startRecount(): void {
    this.#intents.readAgain();
    this.#readAllWhenKnown().catch(() => undefined); // stopped before
    startRecount(this.#states.values());
  }

  endRecount(): void {
    for (const state of endRecount(this.#states.values())) this.#trigger(state, "its status");
  }

  gone(key: string): void {
    const state = this.#states.get(key);
    if (!state) return;
    state.run?.abort.abort(supersededBy("its deletion"));
    for (const stop of state.subscriptions.values()) stop();
    this.#repairs.forget(state);
    for (const { key: object } of state.applied?.objects ?? []) {
      if (this.managed.get(object)?.owner === key) this.managed.forget(object);
    }
    for (const build of [state.applied, ...state.olds]) build?.revision.drop();
    this.#gates.forget(state);
    if (state.delivery) this.#intents.forget(state.delivery.origin.uid);
    this.#states.delete(key);
    this.#dependents.set(key, []);
    this.#queue.forget(key);
    this.#ownership.gone(state);
    this.#options.ports.onEvent({ type: "delivery-gone", key, atMs: this.#options.ports.clock.monotonic() });
  }

  /** A source has another revision, or none. What that touches goes first; the many that only move to it follow. */
  async onSource(sourceKey: string): Promise<void> {
    const revision = this.#options.sources().get(sourceKey)?.current;
    const isOfIt = ({ delivery }: DeliveryState): boolean =>
      delivery !== undefined && keyOf(delivery.source) === sourceKey;
    const touched = await touchedBy(revision, this.#states.values().filter(isOfIt));
    for (const state of this.#states.values()) {
      if (!isOfIt(state)) continue;
      this.#supersede(state, `${state.delivery?.source.kind}/${sourceKey}`);
      if (touched.has(state)) this.#queue.addUrgent(state.key, "changed");
      else this.#queue.add(state.key, "changed");
    }
  }

  /** Windows turned, changed, or can be read at last. */
  onWindows(): void {
    for (const state of this.#states.values()) {
      if (this.#gates.isNews(state)) this.#trigger(state, "its maintenance windows");
      else this.#repairs.resume(state);
    }
  }

  /** The time of its override is over. */
  onOverrideEnd(key: string): void {
    const state = this.#states.get(key);
    if (state) this.#trigger(state, "the end of its override");
  }

  async stop(): Promise<void> {
    const reason = new Failure({ reason: "Internal", message: "stopping" });
    this.#stop.abort(reason);
    for (const state of this.#states.values()) state.run?.abort.abort(reason);
    this.#ownership.stop();
    await this.#queue.stop();
    this.managed.stop();
    this.#intents.stop();
    for (const state of this.#states.values()) for (const stop of state.subscriptions.values()) stop();
  }

  #trigger(state: DeliveryState, what: string): void {
    this.#supersede(state, what);
    this.#queue.addUrgent(state.key, "changed");
  }

  /** Something newer supersedes a run that only waits; one that is writing is let finish. */
  #supersede({ run }: DeliveryState, what: string): void {
    if (run?.waiting) run.abort.abort(supersededBy(what));
  }

  #read(state: DeliveryState): void {
    if (state.readFrom === state.object) return;
    state.readFrom = state.object;
    try {
      const delivery = this.#options.ports.dialect.readDelivery(state.object);
      const inventory = this.#intents.withIntent(delivery.origin.uid, delivery.inventory);
      const serviceAccount = delivery.serviceAccount ?? this.#options.defaultServiceAccount;
      state.delivery = { ...delivery, inventory, serviceAccount };
    } catch (error) {
      state.delivery = undefined;
      state.failure = asFailure(error, "InvalidSpec");
    }
    this.#dependents.set(state.key, state.delivery?.dependsOn.map(keyOf) ?? []);
  }

  async #work(key: string, reasons: ReadonlySet<string>): Promise<void> {
    const state = this.#states.get(key);
    if (!state) return;
    try {
      await this.#attempt(state, reasons);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const failure = asFailure(error);
      this.#options.ports.log.error("run failed", { kustomization: key, error: failure.message });
      this.#queue.addAfter(key, "retry", this.#retryDelayMs(state, failure));
    } finally {
      this.#ownership.changed(key);
    }
  }

  async #attempt(state: DeliveryState, reasons: ReadonlySet<string>): Promise<void> {
    await this.#intents.known;
    this.#read(state);
    const { delivery } = state;
    if (!delivery) return this.#unreadable(state);
    this.#gates.look(state);
    const unread = this.#gates.unread(state);
    if (unread) return await this.#wait(state, unread, reasons);
    if (delivery.deleting) return await this.#finalize(state, delivery);
    const ensureFinalizer = (): Promise<void> => this.#tools.ensureFinalizer(state);
    if (delivery.suspended) {
      await ensureFinalizer();
      return await this.#write(state, { ...this.#noFacts(delivery), kind: "suspended" });
    }
    const { allowCrossNamespace, sources } = this.#options;
    const source = sources().get(keyOf(delivery.source));
    const deliveryOf = (key: string): Delivery | undefined => this.#states.get(key)?.delivery;
    const blocked = blockedFor(delivery, { allowCrossNamespace, source, deliveryOf });
    const needed = delivery.dependsOn.map((ref) => this.#states.get(keyOf(ref)));
    const behind = blocked && heldDependency(delivery, needed, source?.current?.resolved.revision);
    if (blocked) await ensureFinalizer();
    if (behind) return await this.#heldBehind(state, delivery, behind);
    leaveBehind(state);
    if (blocked) return await this.#wait(state, blocked, reasons);
    if (reasons.size === 1 && reasons.has("interval") && this.#isQuiet(state, delivery)) {
      await ensureFinalizer();
      return this.#schedule(state, delivery.intervalMs);
    }
    await this.#run(state, delivery);
  }

  /** What keeps it from going stands in its status: somebody is waiting for it. */
  async #finalize(state: DeliveryState, delivery: Delivery): Promise<void> {
    const { writer, ports } = this.#options;
    await this.#repairs.settled(state);
    try {
      await finalizeDelivery(state, delivery, this.#tools, this.#stop.signal);
    } catch (error) {
      if (this.#stop.signal.aborted) throw error;
      const failure = asFailure(error, "PruneFailed");
      await this.#write(state, { ...this.#noFacts(delivery), kind: "failed", failure, unhealthy: false });
      return this.#schedule(state, delivery.retryIntervalMs);
    }
    this.#gates.told(state);
    if (!state.held || state.held.length === 0) {
      return await writer.removeFinalizer(state, ports.dialect.managers.deliveryStatus);
    }
    await this.#write(state, { ...this.#noFacts(delivery), kind: "held", held: state.held, checkedHealth: false });
  }

  #isQuiet(state: DeliveryState, delivery: Delivery): boolean {
    const newest = this.#options.sources().get(keyOf(delivery.source))?.current?.resolved.revision;
    const call = callOf(delivery, state.key, this.#stop.signal);
    return isQuiet(state, delivery, { newest, call, managed: this.managed, ownership: this.#ownership });
  }

  /** Its dependency is held, and so is it. */
  async #heldBehind(state: DeliveryState, delivery: Delivery, dependency: DeliveryState): Promise<void> {
    const held = holdBehind(state, delivery, dependency);
    this.#gates.told(state);
    await this.#write(state, { ...this.#noFacts(delivery), kind: "held", held, checkedHealth: false });
    this.#schedule(state, delivery.retryIntervalMs);
    this.#wakeDependents(state.key);
  }

  /** What it waits for wakes it; the timer is only there for what sends no event. */
  async #wait(state: DeliveryState, failure: Failure, reasons: ReadonlySet<string>): Promise<void> {
    const { delivery } = state;
    if (!delivery) return;
    const isNews = state.failure?.message !== failure.message;
    state.failure = failure;
    if (isNews && !reasons.has("still waiting")) {
      state.failure = undefined;
      return this.#queue.addAfter(state.key, "still waiting", WAIT_TOLD_AFTER_MS);
    }
    if (failure.retry !== "never") this.#schedule(state, delivery.retryIntervalMs);
    if (!isNews) return;
    this.#options.ports.onEvent({
      type: "waiting",
      key: state.key,
      failure,
      atMs: this.#options.ports.clock.monotonic(),
    });
    await this.#write(state, { ...this.#noFacts(delivery), kind: "failed", failure, unhealthy: false });
  }

  async #unreadable(state: DeliveryState): Promise<void> {
    if (digString(state.object, "metadata", "deletionTimestamp") !== undefined) {
      return await this.#options.writer.removeFinalizer(state, this.#options.ports.dialect.managers.deliveryStatus);
    }
    const failure = state.failure ?? new Failure({ reason: "InvalidSpec", message: "cannot be read", retry: "never" });
    const requestedAt = this.#options.ports.dialect.requestOf(state.object);
    await this.#write(state, { ...noFacts({ requestedAt }), kind: "failed", failure, unhealthy: false });
  }

  async #run(state: DeliveryState, delivery: Delivery): Promise<void> {
    const source = this.#options.sources().get(keyOf(delivery.source));
    const revision = source?.current;
    if (!revision) return;
    const abort = new AbortController();
    const run: Run = {
      abort,
      waiting: false,
      revision: revision.resolved.revision,
      isStarted: false,
      isTold: false,
      facts: undefined,
    };
    state.run = run;
    const cancelProgress = this.#tellProgress(state, delivery);
    try {
      await this.#repairs.settled(state);
      followVariables(state, delivery, this.#options.named, () => this.#trigger(state, "its variables"));
      const outcome = await this.#outcomeOf(state, delivery, abort.signal);
      cancelProgress();
      await this.#ended(state, delivery, outcome);
    } catch (error) {
      if (run.facts?.inventory) this.#intents.leaveUntold(delivery.origin.uid);
      if (!abort.signal.aborted || this.#stop.signal.aborted) throw error;
      this.#queue.add(state.key, "superseded");
    } finally {
      cancelProgress();
      state.run = undefined;
      this.#repairs.resume(state);
    }
  }

  async #outcomeOf(state: DeliveryState, delivery: Delivery, signal: AbortSignal): Promise<DeliveryOutcome> {
    const revision = this.#options.sources().get(keyOf(delivery.source))?.current;
    if (!revision) throw new Failure({ reason: "SourceUnavailable", message: "the source went away" });
    await revision.hold();
    try {
      const variables = await readVariables(delivery, this.#options.named, signal);
      const outcome = await runDelivery({ state, delivery, revision, variables, signal }, this.#tools);
      if (outcome.kind !== "failed") return outcome;
      return { ...outcome, failure: await maskSecrets(outcome.failure, delivery, this.#options.named) };
    } catch (error) {
      if (signal.aborted) throw error;
      const facts = { ...noFacts(delivery), revision: revision.resolved.revision };
      return { ...facts, kind: "failed", failure: asFailure(error), unhealthy: false };
    } finally {
      revision.drop();
    }
  }

  /** What was read before the intents were known lacks them. */
  async #readAllWhenKnown(): Promise<void> {
    await this.#intents.known;
    for (const state of this.#states.values()) state.readFrom = undefined;
  }

  /** When all deliveries are known, the rest is nobody's. Only at the start: later ones may not be told of yet. */
  async #tidyIntents(): Promise<void> {
    await Promise.all([this.#readAllWhenKnown(), this.#options.known]);
    const uids = this.#states.values().map(({ object }) => digString(object, "metadata", "uid") ?? "");
    this.#intents.forgetOthers(new Set(uids));
  }

  /** Of a delivery that did not run, or not far; a status without the inventory leaves what it had. */
  #noFacts(delivery: Delivery): RunFacts {
    const isUntold = this.#intents.isUntold(delivery.origin.uid) && !delivery.inventoryFailure;
    return { ...noFacts(delivery), inventory: isUntold ? delivery.inventory : undefined };
  }

  /** The next run of this delivery knows of these objects too. */
  async #noteIntent(state: DeliveryState, objects: InventoryEntry[]): Promise<boolean> {
    const { origin, inventory } = this.#options.ports.dialect.readDelivery(state.object);
    const noted = this.#intents.record(origin.uid, inventory, objects);
    return await noted.finally(() => (state.readFrom = undefined));
  }

  async #recordIntent(state: DeliveryState, facts: RunFacts): Promise<void> {
    if (state.run) state.run.isTold = true;
    await this.#write(state, { ...facts, kind: "progressing", step: "Detecting drift" });
  }

  #tellProgress(state: DeliveryState, delivery: Delivery): () => void {
    return reportProgress(state, this.#options.ports.clock, (step) => {
      const { revision, facts: soFar } = state.run ?? {};
      const facts: RunFacts = { ...noFacts(delivery), revision, inventory: soFar?.inventory };
      void this.#write(state, { ...facts, kind: "progressing", step }).catch(() => undefined);
    });
  }

  async #ended(state: DeliveryState, delivery: Delivery, outcome: DeliveryOutcome): Promise<void> {
    state.failure = outcome.kind === "failed" ? outcome.failure : undefined;
    const { onEvent, clock } = this.#options.ports;
    onEvent({ type: "delivery-ended", key: state.key, outcome, atMs: clock.monotonic() });
    this.#gates.told(state);
    const isGood = outcome.kind === "applied" || outcome.kind === "held";
    if (isGood) this.#schedule(state, delivery.intervalMs);
    else if (outcome.kind === "failed" && outcome.failure.retry !== "never")
      this.#schedule(state, this.#retryDelayMs(state, outcome.failure));
    const isSilent = outcome.kind === "failed" && !outcome.inventory;
    await this.#write(state, isSilent ? { ...outcome, inventory: this.#noFacts(delivery).inventory } : outcome);
    if ("inventory" in outcome && outcome.inventory) {
      this.#intents.forget(delivery.origin.uid);
      state.readFrom = undefined;
    }
    state.outages = 0;
    if (isGood) this.#wakeDependents(state.key);
  }

  /** What an absent cluster stopped goes on soon after it is back; everything else waits for the retry interval. */
  #retryDelayMs(state: DeliveryState, failure: Failure): number {
    const patience = state.delivery?.retryIntervalMs ?? DEFAULT_RETRY_MS;
    if (failure.reason !== "ClusterUnreachable") return patience;
    return Math.min(patience, MAX_OUTAGE_RETRY_MS, retryDelayMs(++state.outages));
  }

  async #write(state: DeliveryState, outcome: DeliveryOutcome): Promise<void> {
    this.#gates.look(state);
    await this.#options.writer.writeDelivery(state, () => ({ ...outcome, ...noticesOf(state, this.#ownership) }));
    this.#read(state);
  }

  /** Tells between runs what people should know; costs nothing when it is told already. */
  #note(state: DeliveryState): void {
    this.#write(state, { ...noFacts({ requestedAt: undefined }), kind: "noted" }).catch((error: unknown) => {
      if (this.#stop.signal.aborted) return;
      this.#options.ports.log.error("notice not written", {
        kustomization: state.key,
        error: asFailure(error).message,
      });
    });
  }

  #wakeDependents(key: string): void {
    for (const dependent of this.#dependents.of(key)) this.#queue.add(dependent, "dependency");
  }

  #schedule(state: DeliveryState, ms: number): void {
    this.#queue.addAfter(state.key, "interval", jittered(ms, this.#options.ports.random));
  }

  #onSuspect(suspect: Suspect): void {
    const state = this.#states.get(suspect.tracked.owner);
    if (!state) return;
    // What a run wrote before it ended is not among what was applied yet: its repair waits for the end of the run.
    const isKnown = state.applied?.objects.some((object) => object.key === suspect.tracked.key) ?? false;
    if (isKnown || state.run) this.#repairs.add(state, suspect);
  }
}
