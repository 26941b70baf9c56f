// HTTP/1.1 and HTTP/2 without TLS on one loopback port.

import { createServer as createHttp1, type IncomingMessage } from "node:http";
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Failure } from "@plumbline/core/model";

export type AnyRequest = IncomingMessage | Http2ServerRequest;
/** What both kinds of response can do. */
export interface AnyResponse {
  readonly writableEnded: boolean;
  writeHead(code: number, headers: Record<string, string | number | string[]>): unknown;
  flushHeaders(): void;
  write(text: string): boolean;
  end(text?: string): unknown;
  on(event: "close" | "error", listener: () => void): unknown;
}
export type Handler = (request: AnyRequest, response: AnyResponse) => void;

export interface Listener {
  readonly port: number;
  /** Cuts every connection and every new one, until `resume`. */
  cut(): void;
  resume(): void;
  /** Ends everything; resolves when the port is free. */
  close(): Promise<void>;
}

/** The overloads of HTTP/2's response hide that it can do the same; headers are plain objects in both. */
function asResponse(response: Http2ServerResponse): AnyResponse {
  return response as unknown as AnyResponse;
}

/** What a client says first who speaks HTTP/2 without asking. */
const http2Preface = "PRI * HTTP/2";

/** Listens on 127.0.0.1; port 0 takes a free one. */
export function listen(handler: Handler, port: number): Promise<Listener> {
  const http1 = createHttp1({ keepAliveTimeout: 60_000 }, (request, response) => handler(request, response));
  const http2 = createHttp2({ settings: { maxConcurrentStreams: 1000 } }, (request, response) =>
    handler(request, asResponse(response)),
  );
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer({ noDelay: true }, (socket) => {
    if (isCut) return void socket.resetAndDestroy();
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.once("data", (first: Buffer) => {
      socket.pause();
      const isHttp2 = first.subarray(0, http2Preface.length).toString("latin1") === http2Preface;
      socket.unshift(first);
      (isHttp2 ? http2 : http1).emit("connection", socket);
      if (!isHttp2) socket.resume(); // HTTP/2 reads what is buffered itself
    });
  });
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      cut();
      server.close(() => resolve());
    });
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new Failure({
          reason: "UsageError",
          message: `the sandbox cannot listen on port ${port}: ${cause.message}`,
          hint: "Choose another port, or 0 for any free one",
          cause,
        }),
      ),
    );
    server.listen(port, "127.0.0.1", () => {
      const address = server.address() as AddressInfo; // a TCP server has one once it listens
      resolve({ port: address.port, cut, resume: () => (isCut = false), close });
    });
  });
}
