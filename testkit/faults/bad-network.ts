// A TCP relay that misbehaves when told: cuts, stalls, refuses.

import { connect, createServer, type Socket } from "node:net";
import type { TestHooks } from "@plumbline/testkit/control-plane";
import { listen } from "./listen.ts";

export interface BadNetwork {
  port: number;
  /** Breaks all connections. */
  cut(): void;
  /** Connections stay open and carry nothing any more, as when a router forgot them. */
  freeze(): void;
  /** New connections are refused or not. */
  refuse(isRefusing: boolean): void;
  /** Bytes come late: at most this many milliseconds. */
  delay(ms: number): void;
  /** Answers trickle: so many bytes every 50 ms; 0 ends it. */
  drip(bytes: number): void;
}

const DRIP_MS = 50;

export async function badNetwork(test: TestHooks, targetPort: number): Promise<BadNetwork> {
  const pairs = new Set<[Socket, Socket]>();
  const frozen = new Set<Socket>();
  let isRefusing = false;
  let delayMs = 0;
  let dripBytes = 0;
  const server = createServer((near) => {
    if (isRefusing) return void near.destroy();
    const far = connect(targetPort, "127.0.0.1");
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    const end = (): void => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    relay(near, far, () => 0);
    relay(far, near, () => dripBytes);
    for (const socket of pair) socket.on("error", end).on("close", end);
  });
  const relay = (from: Socket, to: Socket, drip: () => number): void => {
    from.on("data", (chunk: Buffer) => {
      if (frozen.has(from)) return;
      if (drip() > 0) return trickle(from, to, { chunk, bytes: drip() });
      if (delayMs === 0) to.write(chunk);
      else setTimeout(() => to.destroyed || to.write(chunk), delayMs);
    });
  };
  const port = await listen(test, server);
  return {
    port,
    cut: () => {
      for (const [near] of pairs) near.destroy();
    },
    freeze: () => {
      for (const pair of pairs) for (const socket of pair) frozen.add(socket);
    },
    refuse: (value) => {
      isRefusing = value;
    },
    delay: (ms) => {
      delayMs = ms;
    },
    drip: (bytes) => {
      dripBytes = bytes;
    },
  };
}

function trickle(from: Socket, to: Socket, { chunk, bytes }: { chunk: Buffer; bytes: number }): void {
  from.pause();
  let at = 0;
  const timer = setInterval(() => {
    if (to.destroyed || at >= chunk.length) {
      clearInterval(timer);
      from.resume();
      return;
    }
    to.write(chunk.subarray(at, at + bytes));
    at += bytes;
  }, DRIP_MS);
}
