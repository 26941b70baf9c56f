// From a ClusterConfig to an open connection: TCP or proxy, TLS with ALPN, HTTP/2 or HTTP/1.1.

import { readFileSync } from "node:fs";
import { type ClientHttp2Session, connect as http2Connect } from "node:http2";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as tlsConnect, type ConnectionOptions } from "node:tls";
import type { Clock } from "@plumbline/core/model";
import type { ClusterConfig, Material } from "../config/cluster-config.ts";
import type { Credential } from "../config/credentials.ts";
import type { Connection } from "./exchange.ts";
import { Http1Connection } from "./http1-connection.ts";
import { type Authority, Http2Connection } from "./http2-connection.ts";
import { CONNECT_TIMEOUT_MS, endpointOf, formatEndpoint, openSocket } from "./tunnel.ts";

/** What the server may send ahead on one stream and on the session: large lists need it. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
const SESSION_WINDOW_BYTES = 16 * 1024 * 1024;
/** Node's own bound (megabytes) on what a session may hold; its default of 10 refuses streams under large lists. */
const SESSION_MEMORY_MB = 256;

export interface DialContext {
  clock: Clock;
  credential: () => Credential | Promise<Credential>;
  /** Whenever an exchange or a connection has ended. */
  onIdle: () => void;
}

export class Dialer {
  readonly #config: ClusterConfig;
  readonly #context: Omit<DialContext, "onIdle">;
  readonly #url: URL;
  readonly #authority: Authority;
  /** A plain http server that was found not to speak HTTP/2. */
  #isHttp1 = false;

  constructor(config: ClusterConfig, context: Omit<DialContext, "onIdle">) {
    this.#config = config;
    this.#context = context;
    this.#url = new URL(config.server);
    const isSecure = this.#url.protocol === "https:";
    this.#authority = { scheme: isSecure ? "https" : "http", host: this.#url.host };
  }

  /** Rejects with the errors of the system, OpenSSL or the proxy as they are. */
  async dial(onIdle: () => void): Promise<Connection> {
    const socket = await this.#openSocket();
    const speaksHttp2 = "alpnProtocol" in socket ? socket.alpnProtocol === "h2" : !this.#isHttp1;
    if (!speaksHttp2) return this.#http1(socket, onIdle);
    try {
      return await this.#http2(socket, onIdle);
    } catch (thrown) {
      if (this.#authority.scheme === "https" || !isProtocolError(thrown)) throw thrown;
      this.#isHttp1 = true;
      return this.#http1(undefined, onIdle);
    }
  }

  #http1(first: Duplex | undefined, onIdle: () => void): Connection {
    return new Http1Connection({ authority: this.#authority, first, dial: () => this.#openSocket(), onIdle });
  }

  async #http2(socket: Duplex, onIdle: () => void): Promise<Connection> {
    if (socket.destroyed) throw socket.errored ?? hangUp();
    const session = http2Connect(this.#url.origin, {
      createConnection: () => socket,
      maxSessionMemory: SESSION_MEMORY_MB,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
    });
    // node:http2 does not tell of a socket that breaks before the first frame (a refused client certificate).
    session.on("error", ignore); // the same error may be told more than once
    socket.once("close", () => session.destroy());
    await firstSettings(session, socket, this.#context.clock);
    session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    return new Http2Connection(session, { authority: this.#authority, clock: this.#context.clock, onIdle, socket });
  }

  async #openSocket(): Promise<Duplex> {
    const isSecure = this.#authority.scheme === "https";
    const target = endpointOf(this.#url, isSecure ? 443 : 80);
    const socket = await openSocket(target, this.#config.proxyUrl);
    socket.on("error", ignore); // until somebody uses it nobody listens, and Node would end the process
    if (!isSecure) return socket;
    try {
      return await secure(socket, tlsOptions(this.#config, target.host, await this.#context.credential()), target);
    } catch (thrown) {
      socket.destroy();
      throw thrown;
    }
  }
}

function tlsOptions(config: ClusterConfig, host: string, credential: Credential): ConnectionOptions {
  const { tls } = config;
  const name = tls.serverName ?? host;
  const certificate = credential.certificate ?? bytesOf(tls.certificate);
  const key = credential.key ?? bytesOf(tls.key);
  const ca = bytesOf(tls.ca);
  return {
    host: name,
    ALPNProtocols: ["h2", "http/1.1"],
    minVersion: "TLSv1.2",
    rejectUnauthorized: !tls.skipVerify,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(ca ? { ca } : {}),
    ...(certificate && key ? { cert: certificate, key } : {}),
  };
}

function bytesOf(material: Material | undefined): Buffer | undefined {
  if (!material) return undefined;
  return "data" in material ? Buffer.from(material.data) : readFileSync(material.file);
}

function secure(socket: Duplex, options: ConnectionOptions, target: { host: string; port: number }): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const tls = tlsConnect({ ...options, socket });
    const give = (error: Error): void => {
      tls.destroy();
      reject(error);
    };
    tls.setTimeout(CONNECT_TIMEOUT_MS, () => give(new Error(`${formatEndpoint(target)}: TLS did not finish in time`)));
    tls.once("error", give);
    tls.once("secureConnect", () => {
      tls.setTimeout(0);
      tls.removeListener("error", give).on("error", ignore);
      resolve(tls);
    });
  });
}

/** HTTP/2 begins with a SETTINGS frame from each side; a server of HTTP/1.1 says something else or hangs up. */
function firstSettings(session: ClientHttp2Session, socket: Duplex, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(CONNECT_TIMEOUT_MS, () => {
      session.destroy();
      settle(new Error("the server sent no HTTP/2 settings"));
    });
    const settle = (error?: Error): void => {
      cancel();
      session.off("error", settle).off("close", onClose);
      socket.off("error", settle).off("close", onClose);
      if (error) reject(error);
      else resolve();
    };
    const onClose = (): void => settle(socket.errored ?? hangUp());
    session.once("remoteSettings", () => settle());
    session.on("error", settle).on("close", onClose);
    socket.on("error", settle).on("close", onClose);
  });
}

const ignore = (): void => {};

function hangUp(): Error {
  return Object.assign(new Error("the server hung up before its first HTTP/2 frame"), { code: "ERR_HTTP2_ERROR" });
}

function isProtocolError(thrown: unknown): boolean {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === "string" && (code.startsWith("ERR_HTTP2") || code === "ECONNRESET" || code === "EPIPE");
}
