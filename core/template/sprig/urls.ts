// sprig's urlParse and urlJoin: Go's net/url.

import { decodeText, encodeText } from "../bytes.ts";
import { callFailure, define } from "../define.ts";
import { quote } from "../quote.ts";
import { ipAddressProblem } from "./ip-address.ts";
import { type Callable, type GoMap, goMap, kindOf } from "../value.ts";
import { Failure } from "@plumbline/core/model";

type Mode = "path" | "host" | "user" | "fragment";

// Bytes that stand unescaped, besides letters, digits and -_.~ .
const unescaped: Record<Mode, string> = {
  path: "$&+,/:;=@",
  host: "!$&'()*+,;=:[]<>\"",
  user: "$&+,;=",
  fragment: "$&+,/:;=?@!()*",
};

function escape(text: string, mode: Mode): string {
  let out = "";
  for (const byte of encodeText(text)) {
    const char = String.fromCharCode(byte);
    const isPlain = /[A-Za-z0-9\-_.~]/.test(char) || unescaped[mode].includes(char);
    out += isPlain ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}

function unescape(text: string, mode: Mode): string {
  if (mode === "host") checkHost(text);
  if (!text.includes("%")) return text;
  const bytes = encodeText(text);
  const out: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte !== 0x25) {
      out.push(byte);
      continue;
    }
    const digits = String.fromCharCode(...bytes.subarray(i + 1, i + 3));
    const isBadHost = mode === "host" && Number.parseInt(digits[0] ?? "", 16) < 8 && digits !== "25";
    if (!/^[0-9a-fA-F]{2}$/.test(digits) || isBadHost) {
      throw callFailure(`invalid URL escape ${quote(decodeText(bytes.subarray(i, i + 3)))}`);
    }
    out.push(Number.parseInt(digits, 16));
    i += 2;
  }
  return decodeText(Uint8Array.from(out));
}

function checkHost(text: string): void {
  for (const char of text) {
    const isPlain = /[A-Za-z0-9\-_.~%]/.test(char) || unescaped.host.includes(char) || char > "\x7f";
    if (!isPlain) throw callFailure(`invalid character ${quote(char)} in host name`);
  }
}

export interface Url {
  scheme: string;
  opaque: string;
  user: { name: string; password: string | undefined } | undefined;
  host: string;
  path: string;
  /** The path as it was written, where writing it anew would give another. */
  rawPath?: string;
  query: string;
  fragment: string;
}

/** `url.Parse`. Throws `TemplateFailed` with Go's words: `parse "://": missing protocol scheme`. */
export function parseUrl(raw: string): Url {
  const [before, fragment] = cut(raw, "#");
  try {
    const url = parseBody(before);
    return fragment === "" ? url : { ...url, fragment: inUrl(raw, () => unescape(fragment, "fragment")) };
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.message.startsWith("parse ")) throw thrown;
    throw callFailure(`parse ${quote(before)}: ${thrown.message}`, thrown);
  }
}

function inUrl<T>(raw: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw callFailure(`parse ${quote(raw)}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown);
  }
}

function cut(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + at.length)];
}

function parseBody(raw: string): Url {
  const url: Url = { scheme: "", opaque: "", user: undefined, host: "", path: "", query: "", fragment: "" };
  // oxlint-disable-next-line no-control-regex -- control characters are what Go refuses here
  if (/[\0-\x1f\x7f]/.test(raw)) throw callFailure("net/url: invalid control character in URL");
  if (raw === "*") return { ...url, path: "*" };
  const [scheme, afterScheme] = splitScheme(raw);
  url.scheme = scheme.toLowerCase();
  const [beforeQuery, query] = cut(afterScheme, "?");
  url.query = query;
  let rest = beforeQuery;
  if (!rest.startsWith("/")) {
    if (url.scheme !== "") return { ...url, opaque: rest };
    if (cut(rest, "/")[0].includes(":")) throw callFailure("first path segment in URL cannot contain colon");
  }
  if (rest.startsWith("//") && (url.scheme !== "" || !rest.startsWith("///"))) {
    const slash = rest.indexOf("/", 2);
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
    rest = slash < 0 ? "" : rest.slice(slash);
    Object.assign(url, parseAuthority(url.scheme, authority));
  }
  const path = unescape(rest, "path");
  return { ...url, path, ...(escape(path, "path") !== rest && { rawPath: rest }) };
}

function splitScheme(raw: string): [string, string] {
  if (raw.startsWith(":")) throw callFailure("missing protocol scheme");
  const match = /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(raw);
  return match ? [match[1] ?? "", raw.slice(match[0].length)] : ["", raw];
}

function parseAuthority(scheme: string, authority: string): Pick<Url, "user" | "host"> {
  const at = authority.lastIndexOf("@");
  const host = parseHost(scheme, authority.slice(at + 1));
  if (at < 0) return { user: undefined, host };
  const userinfo = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw callFailure("net/url: invalid userinfo");
  const [name, password] = cut(userinfo, ":");
  return {
    user: {
      name: unescape(name, "user"),
      password: userinfo.includes(":") ? unescape(password, "user") : undefined,
    },
    host,
  };
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf("[");
  if (bracket > 0) throw callFailure("invalid IP-literal");
  if (bracket === 0) {
    const close = host.lastIndexOf("]");
    if (close < 0) throw callFailure("missing ']' in host");
    checkPort(host.slice(close + 1));
    const name = unescape(host.slice(1, close), "host");
    const problem = ipAddressProblem(name);
    if (problem !== undefined) throw callFailure(`invalid host: ${problem}`);
    if (!name.includes(":")) throw callFailure("invalid IP-literal");
    return `[${name}]${host.slice(close + 1)}`;
  }
  const first = host.indexOf(":");
  const isStrict = scheme === "http" || scheme === "https";
  if (first >= 0) checkPort(host.slice(isStrict ? first : host.lastIndexOf(":")));
  return unescape(host, "host");
}

function checkPort(port: string): void {
  if (!/^(?::[0-9]*)?$/.test(port)) throw callFailure(`invalid port ${quote(port)} after host`);
}

function hostName(host: string): string {
  const withoutPort = host.replace(/:[0-9]*$/, "");
  return /^\[.*\]$/.test(withoutPort) ? withoutPort.slice(1, -1) : withoutPort;
}

function formatUser({ name, password }: NonNullable<Url["user"]>): string {
  return escape(name, "user") + (password === undefined ? "" : `:${escape(password, "user")}`);
}

function formatUrl(url: Url): string {
  let out = url.scheme === "" ? "" : `${url.scheme}:`;
  if (url.opaque === "") out += formatHierarchy(url, out);
  else out += url.opaque;
  if (url.query !== "") out += `?${url.query}`;
  return url.fragment === "" ? out : `${out}#${escape(url.fragment, "fragment")}`;
}

function formatHierarchy(url: Url, before: string): string {
  let out = "";
  if (url.host !== "" || url.user || (url.scheme !== "" && url.path !== "")) out += "//";
  if (url.user) out += `${formatUser(url.user)}@`;
  out += escape(url.host, "host");
  const path = url.path === "*" ? "*" : escape(url.path, "path");
  if (path !== "" && !path.startsWith("/") && url.host !== "") out += "/";
  if (before + out === "" && cut(path, "/")[0].includes(":")) out += "./";
  return out + path;
}

export const urlFunctions: [string, Callable][] = [
  ["urlParse", define(["string"], "map", urlParse)],
  ["urlJoin", define(["map"], "string", urlJoin)],
];

function urlParse(raw: string): GoMap {
  const url = prefixedFailure("unable to parse url: ", () => parseUrl(raw));
  return goMap({
    scheme: url.scheme,
    host: url.host,
    hostname: hostName(url.host),
    path: url.path,
    query: url.query,
    opaque: url.opaque,
    fragment: url.fragment,
    userinfo: url.user ? formatUser(url.user) : "",
  });
}

function prefixedFailure<T>(prefix: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    throw callFailure(prefix + thrown.message, thrown);
  }
}

function urlJoin(map: GoMap): string {
  const field = (key: string): string => stringField(map, key);
  const url: Url = {
    scheme: field("scheme"),
    host: field("host"),
    path: field("path"),
    query: field("query"),
    opaque: field("opaque"),
    fragment: field("fragment"),
    user: undefined,
  };
  const userinfo = field("userinfo");
  if (userinfo === "") return formatUrl(url);
  const parsed = prefixedFailure("unable to parse userinfo in dict: ", () => parseUrl(`proto://${userinfo}@host`));
  return formatUrl({ ...url, user: parsed.user });
}

function stringField(map: GoMap, key: string): string {
  const value = map.entries.get(key);
  if (value === undefined) return "";
  if (value === null) throw callFailure("runtime error: invalid memory address or nil pointer dereference");
  if (typeof value === "string") return value;
  throw callFailure(`unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`);
}
