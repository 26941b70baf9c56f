// Connections of one purpose: picks the least loaded one, opens the next before the last is full.

import { Failure } from "@plumbline/core/model";
import type { Connection } from "./exchange.ts";

/** A connection this full makes the pool open another. */
const NEARLY_FULL = 0.9;

interface Waiter {
  resolve: (connection: Connection) => void;
  reject: (reason: unknown) => void;
}

export class ConnectionPool {
  readonly #dial: (onIdle: () => void) => Promise<Connection>;
  readonly #maxConnections: number;
  #connections: Connection[] = [];
  #waiters: Waiter[] = [];
  #isDialing = false;
  #isClosed = false;

  constructor(dial: (onIdle: () => void) => Promise<Connection>, maxConnections: number) {
    this.#dial = dial;
    this.#maxConnections = maxConnections;
  }

  get size(): number {
    return this.#connections.length;
  }

  /** A connection with room, at once when there is one. Rejects with the error of dialling. */
  acquire(): Connection | Promise<Connection> {
    if (this.#isClosed) throw closed();
    const best = this.#best();
    const isRoomy = best !== undefined && best.load < best.capacity * NEARLY_FULL;
    if (!isRoomy) this.#open();
    if (best && best.load < best.capacity) return best;
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Lets go of all connections; what is on its way may finish. */
  drain(): void {
    for (const connection of this.#connections) connection.drain();
    this.#connections = [];
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#connections) connection.destroy();
    this.#connections = [];
    this.#fail(closed());
  }

  #best(): Connection | undefined {
    let best: Connection | undefined;
    for (const connection of this.#connections) {
      if (connection.isOpen && (!best || connection.load < best.load)) best = connection;
    }
    return best;
  }

  #open(): void {
    if (this.#isDialing || this.#connections.length >= this.#maxConnections) return;
    this.#isDialing = true;
    this.#dial(() => this.#onIdle()).then(
      (connection) => {
        this.#isDialing = false;
        if (this.#isClosed) return connection.destroy();
        this.#connections.push(connection);
        this.#serve();
      },
      (reason: unknown) => {
        this.#isDialing = false;
        this.#fail(reason);
      },
    );
  }

  #onIdle(): void {
    this.#connections = this.#connections.filter((connection) => connection.isOpen);
    this.#serve();
  }

  /** Those served send in their own turn of the loop, so room is counted here and not by `load`. */
  #serve(): void {
    for (const connection of this.#connections) {
      if (!connection.isOpen) continue;
      const room = Math.max(0, Math.floor(connection.capacity * NEARLY_FULL) - connection.load);
      for (const waiter of this.#waiters.splice(0, room)) waiter.resolve(connection);
    }
    if (this.#waiters.length > 0) this.#open();
  }

  #fail(reason: unknown): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(reason);
  }
}

function closed(): Failure {
  const hint = "Make calls before close(), or connect again.";
  return new Failure({ reason: "ClusterUnreachable", message: "the client is closed", hint });
}
