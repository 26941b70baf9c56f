// One stream of a watch, from its opening to its end.

import { digString, Failure, isObject, type JsonValue } from "@plumbline/core/model";
import type { Caller } from "../call/caller.ts";
import { unreachable } from "../call/unreachable.ts";
import type { Impersonation } from "../config/cluster-config.ts";
import { failureOfStatus } from "../failure.ts";
import { parseJson } from "../json.ts";
import type { KubeRequest } from "../request.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { WatchFrame, WatchInput, WatchState } from "./watch-state.ts";

/** Silence beyond the asked end, or within the initial events, means that the stream is dead. */
export const WATCH_GRACE_MS = 60_000;

export interface StreamContext {
  caller: Caller;
  request: KubeRequest;
  signal: AbortSignal;
  impersonate?: Impersonation;
  /** When the server was asked to end the stream. */
  timeoutSeconds: number;
  /** How long there was no stream, now that there is one. */
  gapMs(): number;
  /** Takes an input to the state machine and tells its events; what it throws ends the stream. */
  take(state: WatchState, input: WatchInput): { state: WatchState; isOver: boolean };
}

export class WatchStream {
  readonly #context: StreamContext;
  readonly #ending = Promise.withResolvers<WatchState>();
  readonly #openedAt: number;
  readonly #splitter = new LineSplitter((line) => this.#take(() => this.#read(line)));
  readonly #onAbort = (): void => this.#finish(() => this.#ending.reject(this.#context.signal.reason));
  #state: WatchState;
  #isDone = false;
  #heardAt: number;
  #cancel: () => void = () => {};
  #cancelTimer: () => void = () => {};

  constructor(state: WatchState, context: StreamContext) {
    this.#context = context;
    this.#state = state;
    this.#openedAt = context.caller.clock.monotonic();
    this.#heardAt = this.#openedAt;
  }

  /** Resolves with the state after the stream; rejects with the signal's reason or what `take` threw. */
  async run(): Promise<WatchState> {
    const context = this.#context;
    const { caller, request, signal, impersonate } = context;
    const terms = { signal, ...(impersonate ? { impersonate } : {}) };
    signal.addEventListener("abort", this.#onAbort, { once: true });
    try {
      const cancel = await caller.open(request, terms, {
        data: (chunk) => this.#hear(chunk),
        end: () => this.#take(() => this.#end()),
        fail: (error) => this.#take(() => failed(unreachable(caller.config, request.subject, error))),
      });
      if (this.#isDone) cancel();
      this.#cancel = cancel;
      this.#take(() => ({ type: "opened", gapMs: context.gapMs() }));
      if (!this.#isDone) this.#watchSilence();
    } catch (thrown) {
      this.#giveUp(thrown);
    }
    return this.#ending.promise;
  }

  #hear(chunk: Buffer): void {
    if (this.#isDone) return;
    this.#heardAt = this.#context.caller.clock.monotonic();
    try {
      this.#splitter.push(chunk);
    } catch (thrown) {
      this.#giveUp(thrown);
    }
  }

  #giveUp(thrown: unknown): void {
    if (thrown instanceof Failure) this.#take(() => failed(thrown));
    else this.#finish(() => this.#ending.reject(thrown));
  }

  #take(input: () => WatchInput): void {
    if (this.#isDone) return;
    try {
      const next = this.#context.take(this.#state, input());
      this.#state = next.state;
      if (next.isOver) this.#finish(() => this.#ending.resolve(this.#state));
    } catch (thrown) {
      this.#finish(() => this.#ending.reject(thrown));
    }
  }

  #finish(settle: () => void): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#cancelTimer();
    this.#cancel();
    this.#context.signal.removeEventListener("abort", this.#onAbort);
    settle();
  }

  /** One timer for the whole stream: it looks when the last bytes came, and waits again for the rest. */
  #watchSilence(): void {
    const { caller, timeoutSeconds } = this.#context;
    const allowedMs = (this.#state.phase === "starting" ? 0 : timeoutSeconds * 1000) + WATCH_GRACE_MS;
    const quietMs = caller.clock.monotonic() - this.#heardAt;
    if (quietMs >= allowedMs) {
      return this.#take(() => ({ type: "silent", failure: this.#fault("the server says nothing any more") }));
    }
    const waitMs = Math.min(WATCH_GRACE_MS, allowedMs - quietMs);
    this.#cancelTimer = caller.clock.after(waitMs, () => this.#watchSilence());
  }

  #end(): WatchInput {
    const openMs = this.#context.caller.clock.monotonic() - this.#openedAt;
    return { type: "ended", openMs, failure: this.#fault("the server ends it again and again") };
  }

  #read(line: string): WatchInput {
    const { caller, request } = this.#context;
    const value = parsed(line);
    const type = digString(value, "type");
    const object = isObject(value) ? value["object"] : undefined;
    if (!isObject(object)) return failed(this.#fault("a frame is no JSON or holds no object"));
    if (type === "ERROR") return failed(failureOfStatus(request.subject, object, caller.clock.now()));
    if (!isFrameType(type)) return failed(this.#fault("a frame is of an unknown type"));
    return { type: "frame", frame: { type, object } };
  }

  #fault(what: string): Failure {
    const { resource } = this.#context.request.subject;
    return new Failure({
      reason: "ClusterUnreachable",
      message: `the watch of ${resource} failed: ${what}`,
      hint: "Check the API server's load and what stands between it and here; the watch is started again.",
    });
  }
}

const failed = (failure: Failure): WatchInput => ({ type: "failed", failure });

function parsed(line: string): JsonValue | undefined {
  try {
    return parseJson(line);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return undefined;
  }
}

const frameTypes: ReadonlySet<string> = new Set<WatchFrame["type"]>(["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]);
const isFrameType = (type: string | undefined): type is WatchFrame["type"] => frameTypes.has(type ?? "");
