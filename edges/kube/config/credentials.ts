// The credential of the next request: kept while it is good, renewed when it expires or the server refuses it.

import { readFileSync } from "node:fs";
import { type Clock, Failure } from "@plumbline/core/model";
import type { ClusterConfig } from "./cluster-config.ts";
import { type ExecCredential, runExecPlugin } from "./exec-plugin.ts";
import type { Environment } from "./proxy.ts";

/** A token file is read again after this long (client-go: a minute less ten seconds of leeway). */
export const TOKEN_FILE_MAX_AGE_MS = 50_000;
/** A refused credential is not renewed more often than this. */
export const RENEW_INTERVAL_MS = 1000;

export interface Credential {
  /** The `authorization` header; undefined for anonymous or certificate users. */
  authorization?: string;
  /** Client certificate from an exec plugin, PEM. */
  certificate?: string;
  key?: string;
  /** Counts renewals; connections made with an older certificate are left behind. */
  generation: number;
}

export class CredentialSource {
  readonly #config: ClusterConfig;
  readonly #clock: Clock;
  readonly #env: Environment;
  #current: Credential | undefined;
  #readAt = 0;
  #expiresAt = Infinity;
  #renewing: Promise<Credential> | undefined;

  constructor(config: ClusterConfig, clock: Clock, env: Environment) {
    this.#config = config;
    this.#clock = clock;
    this.#env = env;
  }

  /** The credential now; a promise only when it must be fetched. Throws or rejects with `Failure`. */
  get(): Credential | Promise<Credential> {
    if (this.#current && !this.#isStale()) return this.#current;
    return this.#renew();
  }

  /** After a 401 for `used`: true when another credential is at hand or may be fetched. */
  refused(used: Credential): boolean {
    const { type } = this.#config.credentials;
    if (type !== "exec" && type !== "tokenFile") return false;
    if (this.#current !== used) return true;
    if (this.#clock.monotonic() - this.#readAt < RENEW_INTERVAL_MS) return false;
    this.#current = undefined;
    return true;
  }

  #isStale(): boolean {
    const { type } = this.#config.credentials;
    if (type === "tokenFile") return this.#clock.monotonic() - this.#readAt > TOKEN_FILE_MAX_AGE_MS;
    return type === "exec" && this.#clock.now() >= this.#expiresAt;
  }

  #renew(): Credential | Promise<Credential> {
    const { credentials } = this.#config;
    if (credentials.type !== "exec") return this.#keep(readStatic(this.#config));
    this.#renewing ??= runExecPlugin(credentials.plugin, this.#config, this.#env)
      .then((credential) => {
        this.#expiresAt = credential.expiresAt ?? Infinity;
        return this.#keep(fromExec(credential));
      })
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing;
  }

  #keep(credential: Omit<Credential, "generation">): Credential {
    this.#readAt = this.#clock.monotonic();
    this.#current = { ...credential, generation: this.#generation++ };
    return this.#current;
  }
  #generation = 1;
}

function fromExec(credential: ExecCredential): Omit<Credential, "generation"> {
  const { token, certificate, key } = credential;
  return {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(certificate && key ? { certificate, key } : {}),
  };
}

function readStatic({ credentials, origin }: ClusterConfig): Omit<Credential, "generation"> {
  switch (credentials.type) {
    case "token":
      return { authorization: `Bearer ${credentials.token}` };
    case "tokenFile":
      return { authorization: `Bearer ${readToken(credentials.file, origin)}` };
    case "basic": {
      const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64");
      return { authorization: `Basic ${pair}` };
    }
    default:
      return {};
  }
}

function readToken(file: string, origin: string): string {
  let token = "";
  let cause: unknown;
  try {
    token = readFileSync(file, "utf8").trim();
  } catch (thrown) {
    cause = thrown;
  }
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Failure({
    reason: "AuthenticationFailed",
    message: `the token file of ${origin} ${cause ? "cannot be read" : "holds no token"}`,
    hint: "Check that the service account token is mounted and readable.",
    where: { file },
    cause,
  });
}
