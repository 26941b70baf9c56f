// One HTTP/2 session: streams, PING against half-open connections, GOAWAY.

import { type ClientHttp2Session, type ClientHttp2Stream, constants } from "node:http2";
import type { Duplex } from "node:stream";
import type { Clock } from "@plumbline/core/model";
import type { Cancel, Connection, Sink, WireRequest } from "./exchange.ts";

/** After this long without a byte from the server a PING is sent (client-go: ReadIdleTimeout 30 s). */
export const PING_INTERVAL_MS = 30_000;
/** An unanswered PING ends the connection (client-go: PingTimeout 15 s). */
export const PING_TIMEOUT_MS = 15_000;

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/** The part of the request that is the same for all: who the server is. */
export interface Authority {
  scheme: "https" | "http";
  /** `host:port` */
  host: string;
}

export class Http2Connection implements Connection {
  readonly protocol = "h2";
  readonly #session: ClientHttp2Session;
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #socket: Duplex;
  #heard = true;
  #isDraining = false;
  #load = 0;
  #cancelPing: () => void = () => {};
  #brokenBy: Error | undefined;

  /**
   * The session, on `socket`, must have received the server's settings; `onIdle` is called whenever a stream or the
   * session ends, and when the server wants no more calls on it.
   */
  constructor(
    session: ClientHttp2Session,
    context: { authority: Authority; clock: Clock; onIdle: () => void; socket: Duplex },
  ) {
    this.#session = session;
    this.#socket = context.socket;
    this.#authority = context.authority;
    this.#clock = context.clock;
    this.#onIdle = context.onIdle;
    session.on("error", (error: Error) => {
      this.#brokenBy = error;
    });
    session.on("goaway", () => {
      this.drain();
      this.#onIdle();
    });
    session.on("close", () => {
      this.#isDraining = true;
      this.#cancelPing();
      this.#onIdle();
    });
    this.#schedulePing();
  }
  readonly #onIdle: () => void;

  get isOpen(): boolean {
    return !this.#isDraining && !this.#session.closed && !this.#session.destroyed;
  }

  get load(): number {
    return this.#load;
  }

  get capacity(): number {
    return this.#session.remoteSettings?.maxConcurrentStreams ?? 100;
  }

  send(request: WireRequest, sink: Sink): Cancel {
    const stream = this.#open(request, sink);
    if (!stream) return () => {};
    let isOver = false;
    let hasEnded = false;
    this.#load++;
    stream.on("response", (headers) => {
      this.#heard = true;
      if (isOver) return;
      sink.head(Number(headers[":status"]), (name) => headerText(headers[name]));
    });
    stream.on("data", (chunk: Buffer) => {
      this.#heard = true;
      if (!isOver) sink.data(chunk);
    });
    stream.on("end", () => {
      hasEnded = true;
    });
    let error: Error | undefined;
    stream.on("error", (thrown: Error) => {
      error = thrown;
    });
    stream.on("close", () => {
      this.#load--;
      if (!isOver) {
        isOver = true;
        this.#finish(stream, sink, { hasEnded, error });
      }
      this.#onIdle();
    });
    if (request.body !== undefined) stream.end(request.body);
    return () => {
      isOver = true;
      stream.close(NGHTTP2_CANCEL);
    };
  }

  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    if (!this.#session.closed) this.#session.close();
  }

  destroy(): void {
    this.#isDraining = true;
    this.#cancelPing();
    this.#session.destroy();
  }

  #open(request: WireRequest, sink: Sink): ClientHttp2Stream | undefined {
    const headers = {
      ":method": request.method,
      ":path": request.path,
      ":scheme": this.#authority.scheme,
      ":authority": this.#authority.host,
      ...request.headers,
    };
    try {
      // Without `endStream: false` Node ends a DELETE at once and its body cannot be written.
      return this.#session.request(headers, { endStream: request.body === undefined });
    } catch (thrown) {
      sink.fail(thrown as Error, true); // node:http2 throws errors only
      return undefined;
    }
  }

  #finish(stream: ClientHttp2Stream, sink: Sink, outcome: { hasEnded: boolean; error: Error | undefined }): void {
    const code = stream.rstCode ?? NGHTTP2_NO_ERROR;
    if (outcome.hasEnded && code === NGHTTP2_NO_ERROR && !outcome.error) return sink.end();
    const unsent = code === NGHTTP2_REFUSED_STREAM || stream.id === undefined;
    const error = this.#brokenBy ?? outcome.error ?? new Error(`the connection ended (HTTP/2 code ${code})`);
    sink.fail(error, unsent);
  }

  #schedulePing(): void {
    this.#cancelPing = this.#clock.after(PING_INTERVAL_MS, () => {
      if (this.#session.destroyed) {
        // It waits for the server to hang up too, and takes no PING any more.
        this.#socket.destroy();
      } else if (this.#heard) {
        this.#heard = false;
        this.#schedulePing();
      } else {
        this.#ping();
      }
    });
  }

  #ping(): void {
    const { host } = this.#authority;
    this.#cancelPing = this.#clock.after(PING_TIMEOUT_MS, () => {
      this.#session.destroy(new Error(`${host} does not answer: no bytes for ${PING_INTERVAL_MS / 1000} s, no PING`));
    });
    const sent = this.#session.ping((error) => {
      this.#cancelPing();
      if (!error && !this.#session.destroyed) this.#schedulePing();
    });
    if (!sent) this.#session.destroy(new Error(`${host}: a PING could not be sent`));
  }
}

function headerText(value: string | string[] | number | undefined): string | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.join(", ") : String(value);
}
