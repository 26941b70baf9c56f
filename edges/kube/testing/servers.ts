// Small servers that answer like an API server where the connection is what is tested.

import { createServer as createHttp, type IncomingMessage, type Server } from "node:http";
import { createSecureServer, createServer as createHttp2 } from "node:http2";
import { createServer as createHttps } from "node:https";
import { connect as netConnect, createServer as createTcp } from "node:net";
import type { AnyServer } from "@plumbline/testkit/faults";
import { createAuthority } from "@plumbline/testkit/git-server";
import type { ClusterConfig } from "../index.ts";

export const authority = createAuthority();
export const serverCertificate = authority.issue(["127.0.0.1", "localhost"]);

export type Handler = (request: IncomingMessage, answer: (body: unknown, status?: number) => void) => void;

type Protocol = "h2" | "h2c" | "https" | "http";

export function serverOf(protocol: Protocol, handler: Handler, options: object = {}): AnyServer {
  const listener = (request: IncomingMessage, response: { writeHead: Function; end: Function }): void => {
    handler(request, (body, status = 200) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  };
  const tls = { ...serverCertificate, ...options };
  // The four kinds of server differ in the types of request and response only, not in what is used of them.
  const any = listener as never;
  if (protocol === "h2") return createSecureServer(tls, any);
  if (protocol === "h2c") return createHttp2(options, any);
  return protocol === "https" ? createHttps(tls, any) : createHttp(options, any);
}

export function configOf(protocol: Protocol, port: number, change: Partial<ClusterConfig> = {}): ClusterConfig {
  const scheme = protocol.startsWith("http") ? protocol : protocol === "h2" ? "https" : "http";
  return {
    server: `${scheme}://127.0.0.1:${port}`,
    tls: { skipVerify: false, ca: { data: Buffer.from(authority.cert) } },
    credentials: { type: "anonymous" },
    namespace: "default",
    context: "test",
    origin: "test",
    ...change,
  };
}

/** An HTTP proxy that knows CONNECT only; `seen` are the targets and logins. */
export function connectProxy(seen: string[], password?: string): Server {
  return createHttp((_, response) => void response.writeHead(405).end()).on("connect", (request, socket, head) => {
    const login = Buffer.from((request.headers["proxy-authorization"] ?? "").slice(6), "base64").toString();
    seen.push(`${request.url} ${login}`);
    if (password !== undefined && login !== `user:${password}`) {
      return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
    }
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const target = netConnect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      target.write(head);
      target.pipe(socket);
      socket.pipe(target);
    });
    target.on("error", () => socket.destroy());
    socket.on("error", () => target.destroy());
  });
}

/** A SOCKS5 proxy (RFC 1928) for names and IPv4 addresses. */
export function socksProxy(seen: string[], login?: { user: string; password: string }): ReturnType<typeof createTcp> {
  return createTcp((socket) => {
    let state: "greeting" | "login" | "request" = "greeting";
    const onData = (data: Buffer): void => {
      if (state === "greeting") {
        state = login ? "login" : "request";
        socket.write(Buffer.from([5, login ? 2 : 0]));
      } else if (state === "login") {
        const user = data.subarray(2, 2 + (data[1] ?? 0)).toString();
        const password = data.subarray(3 + (data[1] ?? 0)).toString();
        const isRight = user === login?.user && password === login.password;
        state = "request";
        socket.write(Buffer.from([1, isRight ? 0 : 1]));
      } else {
        socket.off("data", onData);
        const length = data[4] ?? 0;
        const host = data.subarray(5, 5 + length).toString();
        const port = data.readUInt16BE(5 + length);
        seen.push(`${host}:${port}`);
        const target = netConnect(port, host, () => {
          // the answer comes in two pieces, as networks do
          socket.write(Buffer.from([5, 0, 0]));
          setTimeout(() => {
            socket.write(Buffer.from([1, 127, 0, 0, 1, 0, 0]));
            target.pipe(socket);
            socket.pipe(target);
          }, 5);
        });
        target.on("error", () => socket.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
      }
    };
    socket.on("data", onData);
  });
}
