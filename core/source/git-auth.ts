// Credentials of a Git source, and how Flux writes them in a Secret.

import { Failure } from "@plumbline/core/model";

/** Credentials for one remote; all parts optional. Never printed, never in argv. */
export interface GitAuth {
  username?: string;
  password?: string;
  /** Sent as `Authorization: Bearer`; wins over username and password. */
  bearerToken?: string;
  /** PEM certificates to trust. */
  ca?: string;
  /** PEM client certificate and key (mutual TLS). */
  clientCertificate?: string;
  clientKey?: string;
}

/**
 * Reads the keys of a Secret as Flux does: `bearerToken`, else `username` and `password`; `ca.crt` before `caFile`;
 * `tls.crt` with `tls.key`. Throws `AuthenticationFailed` when the keys make no sense for an HTTP(S) remote.
 */
export function readGitSecret(data: Readonly<Record<string, string>>): GitAuth {
  const get = (key: string): string | undefined =>
    Object.hasOwn(data, key) && data[key] !== "" ? data[key] : undefined;
  const auth: GitAuth = {};
  const ca = get("ca.crt") ?? get("caFile");
  if (ca !== undefined) auth.ca = ca;
  const certificate = get("tls.crt");
  const key = get("tls.key");
  if ((certificate === undefined) !== (key === undefined)) {
    throw badSecret("'tls.crt' and 'tls.key' must be given together", "Add the missing key to the Secret");
  }
  if (certificate !== undefined && key !== undefined)
    Object.assign(auth, { clientCertificate: certificate, clientKey: key });
  const token = get("bearerToken");
  const username = get("username");
  const password = get("password");
  if (token !== undefined) {
    auth.bearerToken = token;
    return auth;
  }
  if (password !== undefined && username === undefined) {
    throw badSecret(
      "'password' needs 'username'",
      "Add `username` to the Secret (many hosts accept any name beside a token)",
    );
  }
  if (username !== undefined) auth.username = username;
  if (password !== undefined) auth.password = password;
  return auth;
}

function badSecret(problem: string, hint: string): Failure {
  return new Failure({
    reason: "AuthenticationFailed",
    message: `the referenced Secret has no usable Git credentials: ${problem}`,
    hint,
    where: { field: "spec.secretRef" },
  });
}
