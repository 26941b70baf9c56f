// Runs the watch's state machine against the server: opens streams, reads frames, waits, starts again.

import { Failure, sleep } from "@plumbline/core/model";
import type { Caller } from "../call/caller.ts";
import { isKindUnknown } from "../failure.ts";
import type { CallOptions, KindRef, ListOptions, ListPage, ResourceInfo, Watch, WatchOptions } from "../kube-client.ts";
import { buildRequest, type WatchStart } from "../request.ts";
import {
  nextAction,
  pauseBefore,
  startState,
  step,
  type WatchAction,
  type WatchInput,
  type WatchState,
} from "./watch-state.ts";
import { WatchStream } from "./watch-stream.ts";

/** The server is asked to end a watch after 30 to 60 minutes; connections stay proven by PING in between. */
const WATCH_SECONDS = 1800;
const INITIAL_PAGE_SIZE = 500;

export interface WatchContext {
  caller: Caller;
  resourceFor(kind: KindRef, options: CallOptions): ResourceInfo | Promise<ResourceInfo>;
  list(kind: KindRef, options: ListOptions): Promise<ListPage>;
  /** The server says that it does not serve the kind (any more). */
  doubt(): void;
  onClosed(watch: Watch): void;
}

/** Starts at once; see `WatchOptions` and `Watch`. */
export function startWatch(context: WatchContext, options: WatchOptions): Watch {
  return new RunningWatch(context, options);
}

class RunningWatch implements Watch {
  readonly closed: Promise<void>;
  readonly synced: Promise<void>;
  readonly #context: WatchContext;
  readonly #options: WatchOptions;
  readonly #control = new AbortController();
  readonly #onSynced: () => void;
  #isUnserved = false;
  /** When the last stream ended; undefined while there is one. */
  #goneAtMs: number | undefined;

  constructor(context: WatchContext, options: WatchOptions) {
    this.#context = context;
    this.#options = options;
    const synced = Promise.withResolvers<void>();
    this.synced = synced.promise;
    this.#onSynced = synced.resolve;
    synced.promise.catch(() => {}); // waiting for it is optional; `closed` carries the same error
    const { signal } = options;
    const stop = (): void => this.stop();
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) this.stop();
    const run = this.#run();
    run.then(
      () => synced.reject(new DOMException("the watch was stopped before it was synced", "AbortError")),
      (reason: unknown) => synced.reject(reason),
    );
    this.closed = run.finally(() => {
      signal?.removeEventListener("abort", stop);
      context.onClosed(this);
    });
  }

  stop(): void {
    this.#control.abort(stopped);
  }

  async #run(): Promise<void> {
    try {
      const found = await this.#resolve();
      let { resource } = found;
      let state = { ...startState({ apiVersion: apiVersionOf(resource), kind: resource.kind }), isOut: found.isTold };
      for (;;) {
        state = await this.#act(resource, state);
        const pauseMs = pauseBefore(state, this.#context.caller.random());
        if (pauseMs > 0) await sleep(this.#context.caller.clock, pauseMs, this.#control.signal);
        else this.#control.signal.throwIfAborted();
        if (this.#isUnserved) resource = await this.#resolveAgain(resource);
      }
    } catch (thrown) {
      if (thrown !== stopped) throw thrown;
    }
  }

  /** A kind that is not served (yet), or a server that is not there (yet), is waited for like any other outage. */
  async #resolve(): Promise<{ resource: ResourceInfo; isTold: boolean }> {
    const { caller } = this.#context;
    const { signal } = this.#control;
    let isTold = false;
    for (let failures = 1; ; failures++) {
      try {
        return { resource: await this.#context.resourceFor(this.#options.resource, { signal }), isTold };
      } catch (thrown) {
        if (signal.aborted) throw stopped;
        if (!(thrown instanceof Failure)) throw thrown;
        if (!isTold) this.#options.on({ type: "disconnected", failure: thrown });
        isTold = true;
        const state = { ...startState({ apiVersion: "", kind: "" }), failures: failures + 2 };
        await sleep(caller.clock, pauseBefore(state, caller.random()), signal);
      }
    }
  }

  /** The version that was watched may be served no longer, another may. */
  async #resolveAgain(before: ResourceInfo): Promise<ResourceInfo> {
    this.#isUnserved = false;
    this.#context.doubt();
    try {
      return await this.#context.resourceFor(this.#options.resource, { signal: this.#control.signal });
    } catch (thrown) {
      if (this.#control.signal.aborted || !(thrown instanceof Failure)) throw thrown;
      return before;
    }
  }

  #act(resource: ResourceInfo, state: WatchState): Promise<WatchState> {
    const action = nextAction(state);
    return action.type === "list" ? this.#list(state, action.continue) : this.#stream(resource, state, action);
  }

  async #list(state: WatchState, token: string): Promise<WatchState> {
    const { namespace, labelSelector, fieldSelector, metadataOnly, impersonate } = this.#options;
    const options = defined({ namespace, labelSelector, fieldSelector, metadataOnly, impersonate });
    const page = { limit: INITIAL_PAGE_SIZE, ...(token === "" ? {} : { continue: token }) };
    let input: WatchInput;
    try {
      const { signal } = this.#control;
      input = { type: "page", ...(await this.#context.list(this.#options.resource, { ...options, ...page, signal })) };
    } catch (thrown) {
      if (this.#control.signal.aborted || !(thrown instanceof Failure)) throw thrown;
      input = { type: "failed", failure: thrown };
    }
    return this.#take(state, input).state;
  }

  async #stream(resource: ResourceInfo, state: WatchState, action: WatchAction): Promise<WatchState> {
    const { caller } = this.#context;
    const timeoutSeconds = this.#options.streamSeconds ?? Math.round(WATCH_SECONDS * (1 + caller.random()));
    const start: WatchStart =
      action.type === "watch" ? { resourceVersion: action.resourceVersion } : { sendInitialEvents: true };
    const request = buildRequest({
      verb: "watch",
      resource,
      selectors: this.#options,
      start: { ...start, timeoutSeconds },
    });
    const { impersonate } = this.#options;
    const stream = new WatchStream(state, {
      caller,
      request,
      signal: this.#control.signal,
      timeoutSeconds,
      ...(impersonate ? { impersonate } : {}),
      gapMs: () => {
        const gapMs = caller.clock.monotonic() - (this.#goneAtMs ?? caller.clock.monotonic());
        this.#goneAtMs = undefined;
        return gapMs;
      },
      take: (before, input) => this.#take(before, this.#dress(resource, input)),
    });
    const after = await stream.run();
    this.#goneAtMs ??= caller.clock.monotonic();
    return after;
  }

  /** Partial objects get their kind back. */
  #dress(resource: ResourceInfo, input: WatchInput): WatchInput {
    if (!this.#options.metadataOnly || input.type !== "frame") return input;
    input.frame.object["apiVersion"] = apiVersionOf(resource);
    input.frame.object["kind"] = resource.kind;
    return input;
  }

  #take(state: WatchState, input: WatchInput): { state: WatchState; isOver: boolean } {
    if (input.type === "failed" && isKindUnknown(input.failure)) this.#isUnserved = true;
    const next = step(state, input);
    for (const event of next.events) {
      if (this.#control.signal.aborted) throw stopped;
      this.#options.on(event);
      if (event.type === "synced") this.#onSynced();
    }
    return next;
  }
}

const stopped = new DOMException("the watch was stopped", "AbortError");

function apiVersionOf(resource: ResourceInfo): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(object: T): Defined<T> {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>; // only undefined values were taken out
}
