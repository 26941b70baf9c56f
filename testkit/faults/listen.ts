// A server of a test on a free port, gone when the test ends.

import type { Server } from "node:http";
import type { Http2SecureServer, Http2Server } from "node:http2";
import type { AddressInfo, Server as TcpServer, Socket } from "node:net";
import type { TestHooks } from "@plumbline/testkit/control-plane";

export type AnyServer = Server | Http2Server | Http2SecureServer;

/** Starts on a free port of 127.0.0.1 and stops with the test. */
export async function listen(test: TestHooks, server: AnyServer | TcpServer): Promise<number> {
  const sockets = new Set<Socket>();
  const remember = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {}); // clients come and go
    socket.on("close", () => sockets.delete(socket));
  };
  server.on("connection", remember);
  await new Promise<void>((resolve) => (server as Server).listen(0, "127.0.0.1", resolve)); // all kinds listen alike
  test.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port; // it listens on a port, so this is no path
}
