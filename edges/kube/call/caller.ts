// Sends requests: a turn, a credential, a connection, the exchange, and again where the rules allow it.

import { type Clock, Failure, sleep } from "@plumbline/core/model";
import type { ClusterConfig, Impersonation } from "../config/cluster-config.ts";
import { type Credential, CredentialSource } from "../config/credentials.ts";
import { apiStatus, failureOf } from "../failure.ts";
import type { CallOptions, ConnectOptions } from "../kube-client.ts";
import type { KubeRequest } from "../request.ts";
import { Dialer } from "../wire/dial.ts";
import type { Cancel, Connection, Sink, WireHeaders, WireRequest } from "../wire/exchange.ts";
import { ConnectionPool } from "../wire/pool.ts";
import { isLoopbackHost } from "../wire/tunnel.ts";
import { Broken, collect, type RawAnswer } from "./collect.ts";
import { impersonationHeaders } from "./identity-headers.ts";
import { Limiter } from "./limiter.ts";
import { openStream } from "./open-stream.ts";
import { type Attempt, retryDelayMs } from "./retry.ts";
import { timedOut, unreachable } from "./unreachable.ts";

/** As long as the API server itself gives a request (`--request-timeout`), so that slow webhooks are waited for. */
export const DEFAULT_TIMEOUT_MS = 60_000;
export const DEFAULT_MAX_RESPONSE_BYTES = 256 * 1024 * 1024;
/** Connections for calls; each takes as many streams as the server allows (100 to 250). */
const MAX_CALL_CONNECTIONS = 4;
/** Connections for watches, which keep their stream for good. */
const MAX_WATCH_CONNECTIONS = 64;

/** A watch whose head does not come in this time is given up. */
export const OPEN_TIMEOUT_MS = 60_000;

const expired = Symbol("the call's time is used up");

/** Who asks, and how long it may take. */
type Terms = Pick<CallOptions, "impersonate" | "signal" | "timeoutMs" | "fairKey" | "urgent" | "background">;

export class Caller {
  readonly config: ClusterConfig;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limiter: Limiter;
  readonly #options: ConnectOptions;
  readonly #credentials: CredentialSource;
  readonly #calls: ConnectionPool;
  readonly #watches: ConnectionPool;
  readonly #pathPrefix: string;
  readonly #acceptEncoding: WireHeaders;
  #certificate: string | undefined;

  constructor(config: ClusterConfig, options: ConnectOptions) {
    this.config = config;
    this.clock = options.clock;
    this.random = options.random ?? Math.random;
    this.limiter = new Limiter(options.clock, options.concurrency);
    this.#options = options;
    this.#credentials = new CredentialSource(config, options.clock, options.env ?? process.env);
    const dialer = new Dialer(config, { clock: options.clock, credential: () => this.#credential() });
    this.#calls = new ConnectionPool((onIdle) => dialer.dial(onIdle), MAX_CALL_CONNECTIONS);
    this.#watches = new ConnectionPool((onIdle) => dialer.dial(onIdle), MAX_WATCH_CONNECTIONS);
    const url = new URL(config.server);
    this.#pathPrefix = url.pathname.replace(/\/+$/, "");
    this.#acceptEncoding = isLoopbackHost(url.hostname) ? {} : { "accept-encoding": "gzip" };
  }

  close(): void {
    this.#calls.close();
    this.#watches.close();
  }

  /** The answer with a status below 400. Throws `Failure`, or rejects with the caller's signal's reason. */
  async call(request: KubeRequest, terms: Terms = {}): Promise<RawAnswer> {
    const { signal } = terms;
    if (signal?.aborted) throw signal.reason as Error;
    // The time in line is not the server's fault and does not count: only the signal ends it.
    const turn = this.#turn(terms);
    if (turn) await turn;
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = terms;
    return this.#within({ subject: request.subject, timeoutMs, signal }, (course) =>
      this.#attempts(request, terms, course),
    );
  }

  #turn({ urgent, background, fairKey, signal }: Terms): Promise<void> | undefined {
    if (urgent) return undefined;
    return background ? this.limiter.acquireBackground(signal) : this.limiter.acquire(fairKey ?? "", signal);
  }

  /** Runs `work` to its end, or until its time is up or the caller's signal ends it. */
  async #within<T>(bounds: Bounds, work: (course: Course) => Promise<T>): Promise<T> {
    const { subject, timeoutMs, signal } = bounds;
    const control = new AbortController();
    const cancelTimer = this.clock.after(timeoutMs, () => control.abort(expired));
    const onAbort = (): void => control.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const course: Course = { signal: control.signal, last: undefined };
    try {
      return await work(course);
    } catch (thrown) {
      if (thrown !== expired) throw thrown;
      throw timedOut(this.config, subject, { timeoutMs, ...(course.last ? { last: course.last } : {}) });
    } finally {
      cancelTimer();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #attempts(request: KubeRequest, terms: Terms, course: Course): Promise<RawAnswer> {
    let mayRenew = true;
    for (let attempts = 1; ; attempts++) {
      const outcome = await this.#attempt(request, terms, course.signal);
      if (!(outcome instanceof Refused)) return outcome;
      const { attempt, failure, credential } = outcome;
      course.last = failure;
      if (mayRenew && apiStatus(failure)?.code === 401 && credential && this.#credentials.refused(credential)) {
        mayRenew = false;
        if (!terms.urgent) await this.limiter.acquireFirst(course.signal);
        continue;
      }
      const { repeatable } = request;
      const delayMs = attempt && retryDelayMs(attempt, { repeatable, attempts, random: this.random() });
      if (delayMs === undefined) throw failure;
      await sleep(this.clock, delayMs, course.signal);
      if (!terms.urgent) await this.limiter.acquireFirst(course.signal);
    }
  }

  /** Uses up one turn. Answers below 400 are returned, all else comes as `Refused`; aborts are thrown. */
  async #attempt(request: KubeRequest, terms: Terms, signal: AbortSignal): Promise<RawAnswer | Refused> {
    const startedAt = this.clock.monotonic();
    let status = 0;
    let sent = false;
    let credential: Credential | undefined;
    try {
      // No `await` where nothing is waited for: a connection's load counts from `send` on.
      const found = this.#credential();
      credential = found instanceof Promise ? await found : found;
      const acquired = this.#acquire(this.#calls, signal);
      const connection = acquired instanceof Promise ? await acquired : acquired;
      sent = true;
      const wire = this.#wire(request, terms.impersonate, credential);
      const maxBytes = this.#options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES;
      const raw = await collect(connection, wire, { signal, maxBytes });
      status = raw.status;
      return status < 400 ? raw : this.#refusedBy(request, raw, credential);
    } catch (thrown) {
      if (signal.aborted) throw signal.reason as Error;
      return this.#brokenBy(request, thrown, sent);
    } finally {
      const durationMs = this.clock.monotonic() - startedAt;
      if (sent) this.#record(request, status, durationMs);
      if (!terms.urgent) this.#endTurn({ status, durationMs, isExpired: signal.reason === expired, sent });
    }
  }

  #endTurn(turn: { status: number; durationMs: number; isExpired: boolean; sent: boolean }): void {
    const isRefusal = turn.status === 429 || turn.status === 503 || turn.status === 504 || turn.isExpired;
    if (turn.sent && (turn.status > 0 || turn.isExpired)) this.limiter.release(turn.durationMs, isRefusal);
    else this.limiter.abandon();
  }

  #refusedBy(request: KubeRequest, raw: RawAnswer, credential: Credential): Refused {
    const retryAfter = raw.header("retry-after");
    const failure = failureOf(request.subject, { status: raw.status, body: raw.body, retryAfter }, this.clock.now());
    const retryAfterMs = typeof failure.retry === "object" ? failure.retry.afterMs : undefined;
    return new Refused(failure, { type: "answer", status: raw.status, retryAfterMs }, credential);
  }

  #brokenBy(request: KubeRequest, thrown: unknown, sent: boolean): Refused {
    if (thrown instanceof Failure) return new Refused(thrown, undefined, undefined);
    const failure = unreachable(this.config, request.subject, thrown instanceof Broken ? thrown.cause : thrown);
    const unsent = !sent || (thrown instanceof Broken && thrown.unsent);
    return new Refused(failure, { type: "broken", unsent }, undefined);
  }

  /**
   * Starts an answer without end on a connection apart from the calls. Resolves when the server has said 200; what
   * follows goes to the sink. Rejects with `Failure` for any other status, a broken connection or no answer in time.
   */
  open(request: KubeRequest, terms: Terms, sink: Pick<Sink, "data" | "end" | "fail">): Promise<Cancel> {
    const bounds = { subject: request.subject, timeoutMs: OPEN_TIMEOUT_MS, signal: terms.signal };
    return this.#within(bounds, ({ signal }) => this.#open(request, { ...terms, signal }, sink));
  }

  async #open(
    request: KubeRequest,
    terms: Terms & { signal: AbortSignal },
    sink: Pick<Sink, "data" | "end" | "fail">,
  ): Promise<Cancel> {
    for (let mayRenew = true; ; mayRenew = false) {
      const credential = await this.#credential();
      const startedAt = this.clock.monotonic();
      try {
        const connection = await this.#acquire(this.#watches, terms.signal);
        const wire = this.#wire(request, terms.impersonate, credential);
        const record = (status: number): void => this.#record(request, status, this.clock.monotonic() - startedAt);
        const refused = (raw: RawAnswer): Failure => this.#refusedBy(request, raw, credential).failure;
        return await openStream(connection, wire, { sink, signal: terms.signal, record, refused });
      } catch (thrown) {
        if (terms.signal.aborted) throw terms.signal.reason as Error;
        const failure = unreachable(this.config, request.subject, thrown);
        const isRefused = mayRenew && apiStatus(failure)?.code === 401 && this.#credentials.refused(credential);
        if (!isRefused) throw failure;
      }
    }
  }

  #record(request: KubeRequest, status: number, durationMs: number): void {
    const { verb, group, version, resource, namespace, dryRun } = request.subject;
    this.#options.onRequest?.({ verb, group, version, resource, namespace, status, dryRun, durationMs });
  }

  #credential(): Credential | Promise<Credential> {
    const found = this.#credentials.get();
    return found instanceof Promise ? found.then((credential) => this.#noticeCertificate(credential)) : found;
  }

  /** A renewed client certificate counts for new connections only, so the old ones are left. */
  #noticeCertificate(credential: Credential): Credential {
    if (this.#certificate !== undefined && credential.certificate !== this.#certificate) {
      this.#calls.drain();
      this.#watches.drain();
    }
    this.#certificate = credential.certificate;
    return credential;
  }

  #acquire(pool: ConnectionPool, signal: AbortSignal | undefined): Connection | Promise<Connection> {
    const found = pool.acquire();
    if (!(found instanceof Promise) || !signal) return found;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener("abort", onAbort, { once: true });
      found.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
    });
  }

  #wire(request: KubeRequest, impersonate: Impersonation | undefined, credential: Credential): WireRequest {
    const { method, body, accept, contentType, ifNoneMatch } = request;
    const headers: WireHeaders = { accept, "user-agent": this.#options.userAgent, ...this.#acceptEncoding };
    if (contentType) headers["content-type"] = contentType;
    if (ifNoneMatch) headers["if-none-match"] = ifNoneMatch;
    if (credential.authorization) headers["authorization"] = credential.authorization;
    const who = impersonate ?? this.config.impersonate;
    if (who) Object.assign(headers, impersonationHeaders(who));
    return { method, path: this.#pathPrefix + request.path, headers, body };
  }
}

interface Bounds {
  subject: KubeRequest["subject"];
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

interface Course {
  signal: AbortSignal;
  /** Why the latest attempt failed. */
  last: Failure | undefined;
}

/** An attempt that did not succeed; without `attempt` it must not be repeated. */
class Refused {
  readonly failure: Failure;
  readonly attempt: Attempt | undefined;
  readonly credential: Credential | undefined;
  constructor(failure: Failure, attempt: Attempt | undefined, credential: Credential | undefined) {
    this.failure = failure;
    this.attempt = attempt;
    this.credential = credential;
  }
}
