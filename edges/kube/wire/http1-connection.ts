// HTTP/1.1 where the server or a proxy has no HTTP/2: a keep-alive agent that looks like one connection.

import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import type { Duplex } from "node:stream";
import type { Authority } from "./http2-connection.ts";
import type { Cancel, Connection, Sink, WireRequest } from "./exchange.ts";

/** Sockets to one server; a watch holds one for its whole life. */
export const MAX_HTTP1_SOCKETS = 256;

export class Http1Connection implements Connection {
  readonly protocol = "http/1.1";
  readonly capacity = MAX_HTTP1_SOCKETS;
  readonly #agent: Agent;
  readonly #authority: Authority;
  readonly #onIdle: () => void;
  readonly #requests = new Set<ClientRequest>();
  #isDraining = false;

  /** `dial` gives connected (and, for https, secured) sockets; `first` is one that is there already. */
  constructor(context: {
    authority: Authority;
    first: Duplex | undefined;
    dial: () => Promise<Duplex>;
    onIdle: () => void;
  }) {
    this.#authority = context.authority;
    this.#onIdle = context.onIdle;
    this.#agent = new Agent({ keepAlive: true, maxSockets: MAX_HTTP1_SOCKETS, maxFreeSockets: 32 });
    let spare = context.first;
    this.#agent.createConnection = (_options, callback) => {
      const ready = spare && !spare.destroyed ? Promise.resolve(spare) : context.dial();
      spare = undefined;
      ready.then(
        (socket) => callback?.(null, socket),
        (error: Error) => callback?.(error, undefined as unknown as Duplex), // the callback's type omits the error case
      );
      return undefined;
    };
  }

  get isOpen(): boolean {
    return !this.#isDraining;
  }

  get load(): number {
    return this.#requests.size;
  }

  send(request: WireRequest, sink: Sink): Cancel {
    const { method, path, headers, body } = request;
    const host = this.#authority.host;
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const outgoing = httpRequest({ agent: this.#agent, method, path, headers: { host, ...headers, ...length } });
    this.#requests.add(outgoing);
    let isOver = false;
    const finish = (tell: () => void): void => {
      this.#requests.delete(outgoing);
      if (!isOver) {
        isOver = true;
        tell();
      }
      if (this.#isDraining && this.#requests.size === 0) this.#agent.destroy();
      this.#onIdle();
    };
    outgoing.on("response", (incoming) => readAnswer(incoming, sink, { finish, isOver: () => isOver }));
    outgoing.on("error", (error: Error) => finish(() => sink.fail(error, outgoing.socket === null)));
    outgoing.end(body);
    return () => {
      isOver = true;
      outgoing.destroy();
      this.#requests.delete(outgoing);
    };
  }

  drain(): void {
    this.#isDraining = true;
    if (this.#requests.size === 0) this.#agent.destroy();
  }

  destroy(): void {
    this.#isDraining = true;
    for (const outgoing of this.#requests) outgoing.destroy(new Error("the connection was closed"));
    this.#agent.destroy();
  }
}

interface Course {
  finish(tell: () => void): void;
  isOver(): boolean;
}

function readAnswer(incoming: IncomingMessage, sink: Sink, course: Course): void {
  if (!course.isOver()) {
    sink.head(incoming.statusCode ?? 0, (name) => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    });
  }
  incoming.on("data", (chunk: Buffer) => {
    if (!course.isOver()) sink.data(chunk);
  });
  incoming.on("end", () => course.finish(() => sink.end()));
  incoming.on("error", (error: Error) => course.finish(() => sink.fail(error, false)));
  incoming.on("close", () => {
    course.finish(() => sink.fail(new Error("the connection ended within the answer"), false));
  });
}
