// Where a schema stands: addresses, their fragments, and the way from the root of a document.

import { messageOf, valuesInvalid } from "../failure.ts";
import { parseUrl, quote } from "@plumbline/core/template";

/** A way into a document, from its root (undefined) inwards; a step costs the same however deep it is. */
export interface Place {
  readonly outer: Place | undefined;
  readonly token: string;
}

export interface Address {
  url: string;
  /** Decoded, without its `#`. */
  fragment: string;
}

/** RFC 6901. */
export function pointerOf(place: Place | undefined): string {
  const tokens: string[] = [];
  for (let at = place; at; at = at.outer) tokens.push(escapeToken(at.token));
  return tokens.reverse().reduce((pointer, token) => `${pointer}/${token}`, "");
}

export const escapeToken = (token: string): string => token.replaceAll("~", "~0").replaceAll("/", "~1");

/** The address of a place as it is shown: its fragment escaped as Go's url.PathEscape does. */
export const addressOf = (url: string, place: Place | undefined): string => `${url}#${escapePath(pointerOf(place))}`;

export function escapePath(text: string): string {
  return encodeURIComponent(text)
    .replace(/%(?:2F|24|26|2B|3D|3A|40)/g, (code) => decodeURIComponent(code))
    .replace(/[!*'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Throws `ValuesInvalid` for percent signs that escape nothing. */
export function splitFragment(text: string): Address {
  const hash = text.indexOf("#");
  if (hash < 0) return { url: text, fragment: "" };
  const raw = text.slice(hash + 1);
  const [wrong] = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(raw) ?? [];
  if (wrong !== undefined) {
    throw valuesInvalid(`error in parsing ${quote(text)}: invalid URL escape ${quote(wrong)}`, "values.schema.json");
  }
  return { url: text.slice(0, hash), fragment: decoded(raw) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (thrown) {
    if (thrown instanceof URIError) return text; // bytes that are no text name nothing
    throw thrown;
  }
}

function checkUrl(url: string): void {
  try {
    parseUrl(url);
  } catch (thrown) {
    throw valuesInvalid(`error in parsing ${quote(url)}: ${messageOf(thrown)}`, "values.schema.json", thrown);
  }
}

const withScheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/;

/** RFC 3986, section 5.2. An address that is opaque, such as a URN, has nothing beside it. */
export function joinAddress(base: string, reference: string): Address {
  const { url, fragment } = splitFragment(reference);
  if (url === "") return { url: base, fragment };
  checkUrl(url);
  if (withScheme.test(url)) return { url, fragment };
  const [, scheme = "", host = "", path = ""] = /^([^:/?]*:)?(\/\/[^/?]*)?([^?]*)/.exec(base) ?? [];
  if (host === "" && !path.startsWith("/")) return { url: base, fragment };
  if (url.startsWith("//")) return { url: scheme + url, fragment };
  if (url.startsWith("?")) return { url: scheme + host + path + url, fragment };
  const [, way = "", query = ""] = /^([^?]*)(.*)$/s.exec(url) ?? [];
  const whole = way.startsWith("/") ? way : path.slice(0, path.lastIndexOf("/") + 1) + way;
  return { url: scheme + host + withoutDots(whole) + query, fragment };
}

function withoutDots(path: string): string {
  const kept: string[] = [];
  const parts = path.split("/").slice(1);
  for (const [i, part] of parts.entries()) {
    const isDots = part === "." || part === "..";
    if (part === "..") kept.pop();
    if (!isDots) kept.push(part);
    else if (i === parts.length - 1) kept.push("");
  }
  return `/${kept.join("/")}`;
}
