// The windows of the cluster as the engine uses them: decisions from the clock and memory alone, turns, status.

import {
  type Decision,
  gateAt,
  type GateChange,
  isSelected,
  nextTurn,
  stateAt,
  type Window,
  type WindowState,
} from "@plumbline/core/gate";
import {
  asFailure,
  type Failure,
  formatRef,
  type HeldChange,
  type Manifest,
  type NamedRef,
} from "@plumbline/core/model";
import type { HeldByWindow, Ports, WindowDialect, WindowKind } from "../ports/index.ts";
import type { StatusWriter } from "../report/status-writer.ts";
import { Reminders } from "./reminders.ts";
import { WindowWatch } from "./window-watches.ts";

export interface WindowsOptions {
  ports: Ports;
  dialect: WindowDialect;
  writer: StatusWriter;
  /** Of an operator for one namespace; it leaves the status of windows without one to others. */
  namespace: string | undefined;
  /** A decision may be another one now: a window turned, changed, came or went, or windows can be read at last. */
  onTurn: () => void;
  /** The time of a reminder has come. */
  onReminder: (key: string) => void;
}

interface Entry {
  kind: WindowKind;
  object: Manifest;
  window: Window;
  state: WindowState;
  /** When `state` was computed, and until when it holds; wall-clock milliseconds. */
  computedAt: number;
  turnsAt: number;
}

export interface HeldOfDelivery {
  delivery: NamedRef;
  revision: string | undefined;
  held: readonly HeldChange[];
}

/** Changes of what is held gather for this long before they are written. */
const GATHER_MS = 250;
/** After a start, what is held is found anew for this long before a status that lists something is changed. */
const SETTLE_MS = 5000;

export class Windows {
  readonly #options: WindowsOptions;
  readonly #watches: WindowWatch[];
  readonly #entries = new Map<string, Entry>();
  readonly #held = new Map<string, HeldOfDelivery>();
  readonly #reminders: Reminders;
  readonly #dirty = new Set<string>();
  readonly #startedMs: number;
  #writing: Promise<void> = Promise.resolve();
  #cancelWrite: (() => void) | undefined;
  #gate: { decide: (change: GateChange) => Decision; from: number; until: number } | undefined;
  #isStopped = false;

  constructor(options: WindowsOptions) {
    this.#options = options;
    const { kube, clock, log } = options.ports;
    this.#startedMs = clock.monotonic();
    this.#reminders = new Reminders(clock, { onTick: () => this.#tick(), onDue: options.onReminder });
    this.#watches = options.dialect.kinds.map(
      (kind) =>
        new WindowWatch({
          kube,
          clock,
          log,
          kind,
          namespace: options.namespace,
          onAll: (objects) => this.#seeAll(kind, objects),
          onOne: (key, object) => {
            if (this.#see(kind, `${kind.kind} ${key}`, object)) this.#turned();
          },
          onGone: (key) => {
            this.#forget(`${kind.kind} ${key}`);
            this.#turned();
          },
        }),
    );
  }

  /** Why nothing may be written now: windows that cannot be read hold everything. */
  get unread(): Failure | undefined {
    return this.#watches.map((watch) => watch.unread).find((failure) => failure !== undefined);
  }

  /** Nothing is ever held. */
  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Labels of live objects count in some decision. */
  get usesLabels(): boolean {
    return this.#list().some(({ selects }) => selects?.resources?.some(({ labels }) => labels !== undefined) ?? false);
  }

  decide(change: GateChange): Decision {
    const now = this.#options.ports.clock.now();
    if (!this.#gate || now < this.#gate.from || now >= this.#gate.until) {
      const turns = [...this.#entries.values()].map(({ window, computedAt, turnsAt }) =>
        now >= computedAt && now < turnsAt ? turnsAt : nextTurn(window, now),
      );
      this.#gate = { decide: gateAt(this.#list(), now), from: now, until: Math.min(Infinity, ...turns) };
    }
    return this.#gate.decide(change);
  }

  /** Whether a run that is under way stops before its next stage when this change may no longer go. */
  pauses(change: GateChange): boolean {
    return this.#list().some((window) => window.atClose === "Pause" && isSelected(window, change));
  }

  /** What of a delivery waits now; told in the status of the windows that hold it. */
  setHeld(key: string, held: HeldOfDelivery): void {
    const before = this.#held.get(key);
    if (held.held.length === 0 && !before) return;
    if (held.held.length === 0) this.#held.delete(key);
    else this.#held.set(key, held);
    const names = new Set([...held.held, ...(before?.held ?? [])].flatMap(({ windows }) => windows));
    for (const [id, { window }] of this.#entries) if (names.has(formatRef(window.identity))) this.#writeLater(id);
  }

  /** Calls back when the wall clock shows `at`; undefined forgets it. */
  remind(key: string, at: number | undefined): void {
    this.#reminders.set(key, at);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const watch of this.#watches) watch.stop();
    this.#reminders.stop();
    this.#cancelWrite?.();
    await this.#writing;
  }

  #list(): Window[] {
    return [...this.#entries.values()].map(({ window }) => window);
  }

  #seeAll(kind: WindowKind, objects: Map<string, Manifest>): void {
    const ids = new Map([...objects].map(([key, object]) => [`${kind.kind} ${key}`, object]));
    for (const [id, entry] of this.#entries) if (entry.kind === kind && !ids.has(id)) this.#forget(id);
    for (const [id, object] of ids) this.#see(kind, id, object);
    for (const id of this.#dirty) this.#writeLater(id);
    this.#turned();
  }

  /** True when it says something else than before; our own status writes come back here too. */
  #see(kind: WindowKind, id: string, object: Manifest): boolean {
    const known = this.#entries.get(id);
    const isSame =
      known && generationOf(known.object) === generationOf(object) && uidOf(known.object) === uidOf(object);
    if (isSame) {
      known.object = object;
      return false;
    }
    const window = this.#options.dialect.readWindow(object);
    const entry: Entry = { kind, object, window, ...this.#compute(window) };
    this.#entries.set(id, entry);
    this.#tell(entry, known ? "changed" : "seen");
    for (const failure of window.failures) this.#tell(entry, "refused", failure);
    this.#writeLater(id);
    return true;
  }

  #forget(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#dirty.delete(id);
    this.#tell(entry, "gone");
  }

  #compute(window: Window): Pick<Entry, "state" | "computedAt" | "turnsAt"> {
    const now = this.#options.ports.clock.now();
    return { state: stateAt(window, now), computedAt: now, turnsAt: nextTurn(window, now) };
  }

  #turned(): void {
    if (this.#isStopped) return;
    this.#gate = undefined;
    this.#reminders.setNext(Math.min(Infinity, ...[...this.#entries.values()].map(({ turnsAt }) => turnsAt)));
    this.#options.onTurn();
  }

  /** At the next turn, and every minute at the latest: the wall clock may have been set meanwhile, either way. */
  #tick(): void {
    const now = this.#options.ports.clock.now();
    let isTurn = false;
    for (const [id, entry] of this.#entries) {
      if (now >= entry.computedAt && now < entry.turnsAt) continue;
      const wasOpen = entry.state.open;
      Object.assign(entry, this.#compute(entry.window));
      if (entry.state.open !== wasOpen) this.#tell(entry, entry.state.open ? "opened" : "closed");
      this.#writeLater(id);
      isTurn = true;
    }
    if (isTurn) this.#turned();
    for (const id of this.#dirty) this.#writeLater(id); // what could not be written before
  }

  #tell(
    { window, state }: Entry,
    step: "seen" | "changed" | "gone" | "opened" | "closed" | "refused",
    failure?: Failure,
  ): void {
    const { onEvent, clock } = this.#options.ports;
    const { kind, namespace, name } = window.identity;
    const base = { type: "window" as const, window: { kind, namespace, name }, step, isOpen: state.open };
    onEvent({ ...base, atMs: clock.monotonic(), ...(failure && { failure }) });
  }

  #writeLater(id: string): void {
    const entry = this.#entries.get(id);
    const isOthers = this.#options.namespace !== undefined && entry?.kind.isNamespaced === false;
    if (!entry || isOthers || this.#isStopped) return;
    this.#dirty.add(id);
    if (this.#cancelWrite) return;
    const { clock } = this.#options.ports;
    const settleMs = this.#startedMs + SETTLE_MS - clock.monotonic();
    const waitMs = settleMs > 0 && listsHeld(entry.object) ? settleMs : GATHER_MS;
    this.#cancelWrite = clock.after(waitMs, () => {
      this.#cancelWrite = undefined;
      this.#writing = this.#writing.then(() => this.#writeDirty());
    });
  }

  async #writeDirty(): Promise<void> {
    const { dialect, writer, ports } = this.#options;
    for (const id of Array.from(this.#dirty)) {
      const entry = this.#entries.get(id);
      if (!entry || this.#isStopped) continue;
      this.#dirty.delete(id);
      const held = this.#heldBy(formatRef(entry.window.identity));
      try {
        await writer.writeWindow(
          entry,
          () => dialect.writeWindow({ ...entry, held }, ports.clock.now()),
          dialect.fieldManager,
        );
      } catch (error) {
        const failure = asFailure(error);
        if (failure.reason !== "NotFound") this.#dirty.add(id); // at the next tick, or when the windows are read again
        ports.log.error("status of a window not written", { window: id, error: failure.message });
      }
    }
  }

  #heldBy(name: string): HeldByWindow[] {
    const found: HeldByWindow[] = [];
    for (const { delivery, revision, held } of this.#held.values()) {
      for (const change of held) if (change.windows.includes(name)) found.push({ delivery, revision, change });
    }
    return found;
  }
}

function generationOf(object: Manifest): unknown {
  return (object.metadata as { generation?: unknown } | undefined)?.generation;
}

function uidOf(object: Manifest): unknown {
  return (object.metadata as { uid?: unknown } | undefined)?.uid;
}

function listsHeld(object: Manifest): boolean {
  const count = (object.status as { heldCount?: unknown } | undefined)?.heldCount;
  return typeof count === "number" && count > 0;
}
