// One remote with its credentials: checked, split, named, and turned into settings for git.

import { createHash, createHmac } from "node:crypto";
import { Failure } from "@plumbline/core/model";
import type { GitAuth } from "@plumbline/core/source";
import type { GitRemote } from "./door.ts";

export interface Remote {
  /** What git is given: without user and password. */
  readonly url: string;
  readonly host: string;
  readonly auth: GitAuth;
  /** True when a user, password, token or client certificate would be shown to the server. */
  readonly hasCredentials: boolean;
  /** Names URL and credentials together; safe as a file name, tells nothing about either. */
  readonly key: string;
}

const MAX_URL_LENGTH = 2048;

/**
 * Checks the URL and splits credentials off it. Throws `URLInvalid` (never retried) for what is not http(s), and
 * `AuthenticationFailed` for credentials that cannot be sent. `identityKey` keeps names from giving passwords away.
 */
export function openRemote(remote: GitRemote, options: { allowFile: boolean; identityKey: Uint8Array }): Remote {
  const url = parseUrl(remote.url, options.allowFile);
  const auth: GitAuth = { ...remote.auth };
  if (auth.bearerToken === undefined && auth.username === undefined && url.username !== "") {
    auth.username = decodeURIComponent(url.username);
    if (auth.password === undefined && url.password !== "") auth.password = decodeURIComponent(url.password);
  }
  url.username = "";
  url.password = "";
  checkAuth(auth);
  const plain = url.href.replace(/\/+$/, "");
  const name = JSON.stringify([plain, remote.identity ?? credentialsOf(auth)]);
  return {
    url: plain,
    host: url.host,
    auth,
    hasCredentials: [auth.bearerToken, auth.username, auth.password, auth.clientKey].some((part) => part !== undefined),
    key: remote.cachedAs ?? createHmac("sha256", options.identityKey).update(name).digest("hex").slice(0, 40),
  };
}

/** Everything that a server or our trust in it depends on. */
function credentialsOf(auth: GitAuth): unknown[] {
  const basic = auth.bearerToken === undefined ? [auth.username ?? null, auth.password ?? null] : [];
  return [auth.bearerToken ?? null, basic, auth.ca ?? null, auth.clientCertificate ?? null, auth.clientKey ?? null];
}

function parseUrl(text: string, allowFile: boolean): URL {
  const shown = redactUrl(text);
  // oxlint-disable-next-line no-control-regex -- control characters are what must be refused
  if (text.length > MAX_URL_LENGTH || /[\x00-\x20\x7f]/.test(text)) {
    throw invalidUrl(`"${shown}" is not a URL`, "Write it without spaces, line breaks or control characters");
  }
  if (/^[^/:]+@[^/:]+:(?!\/\/)/.test(text)) {
    throw invalidUrl(`"${shown}" is in the short form of ssh`, "Use the https:// URL of the repository");
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw invalidUrl(`"${shown}" is not a URL`, "Write it as https://host/path/repository");
  const allowed = allowFile ? ["https:", "http:", "file:"] : ["https:", "http:"];
  if (!allowed.includes(url.protocol)) {
    throw invalidUrl(
      `"${shown}" has the scheme "${url.protocol.slice(0, -1)}", which is not supported`,
      "Use https://",
    );
  }
  if (url.protocol !== "file:" && url.hostname === "") throw invalidUrl(`"${shown}" names no host`, "Add the host");
  url.hash = "";
  return url;
}

function invalidUrl(message: string, hint: string): Failure {
  return new Failure({ reason: "URLInvalid", message, hint, where: { field: "spec.url" }, retry: "never" });
}

/** A URL fit to be shown: without user and password. */
export function redactUrl(text: string): string {
  return text.replace(/\/\/[^/?#]*@/, "//").slice(0, 200);
}

function checkAuth(auth: GitAuth): void {
  const named = [
    ["bearerToken", auth.bearerToken],
    ["username", auth.username],
    ["password", auth.password],
  ] as const;
  for (const [name, value] of named) {
    if (value === undefined || !/[\r\n\0]/.test(value)) continue;
    throw new Failure({
      reason: "AuthenticationFailed",
      message: `${name} holds a line break or a zero byte`,
      hint: "Recreate the Secret without the trailing line break (`printf %s` instead of `echo`)",
      where: { field: "spec.secretRef" },
    });
  }
}

/** The Authorization header, or undefined. */
export function authorization(auth: GitAuth): string | undefined {
  if (auth.bearerToken !== undefined) return `Bearer ${auth.bearerToken}`;
  if (auth.username === undefined && auth.password === undefined) return undefined;
  return `Basic ${Buffer.from(`${auth.username ?? ""}:${auth.password ?? ""}`).toString("base64")}`;
}

/** Shorter texts stand in any message by chance; blanking them would only spoil it. */
const SHORTEST_SECRET = 4;

/** Every text that must never be shown, longest first. */
export function secretsOf(auth: GitAuth): string[] {
  const secrets = new Set<string>();
  for (const text of [auth.bearerToken, auth.password, authorization(auth)?.split(" ")[1]]) {
    if (text === undefined || text.length < SHORTEST_SECRET) continue;
    secrets.add(text);
    secrets.add(encodeURIComponent(text));
  }
  return [...secrets].sort((a, b) => b.length - a.length);
}

/** A name for the PEM material, so that equal material is one file. */
export function pemName(pem: string): string {
  return createHash("sha256").update(pem).digest("hex").slice(0, 32);
}
