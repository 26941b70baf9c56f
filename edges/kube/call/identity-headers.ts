// Impersonation as HTTP headers.

import { Failure } from "@plumbline/core/model";
import type { Impersonation } from "../config/cluster-config.ts";
import type { WireHeaders } from "../wire/exchange.ts";

/**
 * `Impersonate-User`, `-Group`, `-Uid`, `-Extra-*`; keys of extra are escaped as client-go does (percent-encoded where
 * HTTP allows no such byte in a header's name). Throws `Failure` for a value that cannot stand in a header.
 */
export function impersonationHeaders(who: Impersonation): WireHeaders {
  if (who.user === "") {
    throw new Failure({
      reason: "AccessDenied",
      message: "an impersonation names no user",
      hint: "Name the user or service account to act as.",
      retry: "never",
    });
  }
  const headers: WireHeaders = { "impersonate-user": checked(who.user) };
  if (who.groups && who.groups.length > 0) headers["impersonate-group"] = who.groups.map(checked);
  if (who.uid) headers["impersonate-uid"] = checked(who.uid);
  for (const [key, values] of Object.entries(who.extra ?? {})) {
    headers[`impersonate-extra-${escapeKey(key)}`] = values.map(checked);
  }
  return headers;
}

function escapeKey(key: string): string {
  const bytes = Buffer.from(key.toLowerCase());
  let name = "";
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    name += /[a-z0-9!#$&'*+.^_`|~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return name;
}

function checked(value: string): string {
  if (/^[\x20-\x7e]+$/.test(value) && value.trim() === value) return value;
  throw new Failure({
    reason: "AccessDenied",
    message: `${JSON.stringify(value)} cannot be impersonated: an HTTP header cannot hold it`,
    hint: "Use a name of visible ASCII characters.",
    retry: "never",
  });
}
