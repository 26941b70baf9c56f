// A socket to the API server: straight, or through an HTTP CONNECT or SOCKS5 proxy.

import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect as netConnect, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Name look-up, TCP and the proxy's answer together. */
export const CONNECT_TIMEOUT_MS = 15_000;
const TCP_KEEP_ALIVE_MS = 30_000;

export interface Endpoint {
  host: string;
  port: number;
}

/** Rejects with the system's or the proxy's error. */
export function openSocket(target: Endpoint, proxyUrl: string | undefined): Promise<Duplex> {
  if (proxyUrl === undefined) return openTcp(target);
  const proxy = new URL(proxyUrl);
  return proxy.protocol.startsWith("socks") ? openSocks(target, proxy) : openTunnel(target, proxy);
}

export function endpointOf(url: URL, defaultPort: number): Endpoint {
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port === "" ? defaultPort : Number(url.port) };
}

export const formatEndpoint = ({ host, port }: Endpoint): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

function openTcp(target: Endpoint): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = netConnect({ ...target, noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS });
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(timeout(target)));
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.removeListener("error", reject);
      resolve(socket);
    });
  });
}

function timeout(target: Endpoint): Error {
  const message = `${formatEndpoint(target)} did not answer within ${CONNECT_TIMEOUT_MS / 1000} s`;
  return Object.assign(new Error(message), { code: "ETIMEDOUT" });
}

function openTunnel(target: Endpoint, proxy: URL): Promise<Duplex> {
  const isSecure = proxy.protocol === "https:";
  const authority = formatEndpoint(target);
  const via = endpointOf(proxy, isSecure ? 443 : 80);
  const headers: Record<string, string> = { host: authority };
  const login = userInfo(proxy);
  if (login) headers["proxy-authorization"] = `Basic ${Buffer.from(login.join(":")).toString("base64")}`;
  return new Promise((resolve, reject) => {
    const send = isSecure ? httpsRequest : httpRequest;
    const options = { ...via, method: "CONNECT", path: authority, headers, agent: false, timeout: CONNECT_TIMEOUT_MS };
    const outgoing = send(options);
    outgoing.once("timeout", () => outgoing.destroy(timeout(via)));
    outgoing.once("error", (error) => reject(viaProxy(via, error.message, error)));
    const refuse = (status: number | undefined): void => {
      reject(viaProxy(via, `it answered ${status ?? "nothing"} to CONNECT ${authority}`));
    };
    outgoing.once("response", (incoming) => {
      incoming.destroy();
      refuse(incoming.statusCode);
    });
    outgoing.once("connect", (incoming, socket, head: Buffer) => {
      socket.setTimeout(0);
      if (incoming.statusCode !== 200) {
        socket.destroy();
        return refuse(incoming.statusCode);
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    outgoing.end();
  });
}

function viaProxy(via: Endpoint, message: string, cause?: Error): Error {
  return Object.assign(new Error(`proxy ${formatEndpoint(via)}: ${message}`, { cause }), { code: "EPROXY" });
}

function userInfo(proxy: URL): [string, string] | undefined {
  if (proxy.username === "") return undefined;
  return [decodeURIComponent(proxy.username), decodeURIComponent(proxy.password)];
}

/** RFC 1928 with the name resolved by the proxy, RFC 1929 for user and password. */
async function openSocks(target: Endpoint, proxy: URL): Promise<Duplex> {
  const via = endpointOf(proxy, 1080);
  const socket = await openTcp(via).catch((error: Error) => {
    throw viaProxy(via, error.message, error);
  });
  const reader = new SocketReader(socket);
  try {
    const login = userInfo(proxy);
    socket.write(Buffer.from(login ? [5, 2, 0, 2] : [5, 1, 0]));
    const method = (await reader.read(2))[1];
    if (method === 2 && login) {
      const [user, password] = login.map((text) => Buffer.from(text)) as [Buffer, Buffer]; // login is a pair
      socket.write(Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]));
      if ((await reader.read(2))[1] !== 0) throw broken("it refused the user name or password");
    } else if (method !== 0) {
      throw broken("it wants a way of authentication that is not known here");
    }
    const host = Buffer.from(target.host);
    const port = [target.port >> 8, target.port & 0xff];
    socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, host.length]), host, Buffer.from(port)]));
    const answer = await reader.read(4);
    if (answer[1] !== 0) throw broken(`it answered code ${answer[1]} for ${formatEndpoint(target)}`);
    const length = answer[3] === 1 ? 4 : answer[3] === 4 ? 16 : ((await reader.read(1))[0] ?? 0);
    await reader.read(length + 2);
    reader.release();
    return socket;
  } catch (thrown) {
    socket.destroy();
    throw viaProxy(via, (thrown as Error).message, thrown as Error); // everything above throws errors
  }
}

/** Told by `viaProxy` with the proxy's name; the caller of the connection makes it a Failure. */
const broken = (what: string): Error => new Error(what);

/** Reads exact numbers of bytes; `release` gives the socket on with what came too early. */
class SocketReader {
  readonly #socket: Socket;
  #held = Buffer.alloc(0);
  #fault: Error | undefined;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => this.#onError(new Error("it did not answer in time")));
    socket.on("data", this.#onData).on("error", this.#onError).on("close", this.#onClose);
  }

  async read(size: number): Promise<Buffer> {
    while (this.#held.length < size) {
      if (this.#fault) throw this.#fault;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const bytes = this.#held.subarray(0, size);
    this.#held = this.#held.subarray(size);
    return bytes;
  }

  release(): void {
    this.#socket.setTimeout(0);
    this.#socket.off("data", this.#onData).off("error", this.#onError).off("close", this.#onClose);
    this.#socket.pause();
    if (this.#held.length > 0) this.#socket.unshift(this.#held);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#held = Buffer.concat([this.#held, chunk]);
    this.#wake();
  };

  readonly #onError = (error: Error): void => {
    this.#fault ??= error;
    this.#wake();
  };

  readonly #onClose = (): void => this.#onError(new Error("it closed the connection"));
}

/** True for hosts on this machine: nothing is won by compressing for them. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
