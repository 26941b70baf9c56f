// A TCP relay that misbehaves when told: cuts, stalls, refuses.

import { connect, createServer, type Socket } from "node:net";
import type { TestHooks } from "@plumbline/testkit/control-plane";
import { listen } from "./servers.ts";

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
}

export async function badNetwork(test: TestHooks, targetPort: number): Promise<BadNetwork> {
  const pairs = new Set<[Socket, Socket]>();
  const frozen = new Set<Socket>();
  let isRefusing = false;
  let delayMs = 0;
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
    relay(near, far);
    relay(far, near);
    for (const socket of pair) socket.on("error", end).on("close", end);
  });
  const relay = (from: Socket, to: Socket): void => {
    from.on("data", (chunk: Buffer) => {
      if (frozen.has(from)) return;
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
  };
}
