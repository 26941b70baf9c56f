// The formats that Helm's validator checks, with its words for what does not fit. Each reads a text once.

import { ipAddressProblem, parseInstant, parseUrl, quote, quoteRune, utc } from "@plumbline/core/template";
import { messageOf } from "../failure.ts";

type Found = string | undefined;

export interface Format {
  readonly name: string;
  /** What is wrong with a text; undefined when nothing is. */
  readonly problem: (text: string) => Found;
}

/** Regular expressions are checked by the engine that will run them. */
export const isRegexFormat = (name: string): boolean => name === "regex";

export function formatNamed(name: string): Format | undefined {
  const problem = formats.get(name);
  return problem && { name, problem };
}

/** `prefix: what` for a part of a text. */
const within = (prefix: string, found: Found): Found => (found === undefined ? undefined : `${prefix}: ${found}`);
const bytesIn = (text: string): number => new TextEncoder().encode(text).length;

/** The first character of a text that an expression (one character, `u`) does not take, as Go quotes it. */
function strange(text: string, allowed: RegExp): Found {
  for (const char of text) if (!allowed.test(char)) return quoteRune(char.codePointAt(0) ?? 0);
  return undefined;
}

function jsonPointer(text: string): Found {
  if (text === "") return undefined;
  if (!text.startsWith("/")) return "not starting with /";
  return /~(?![01])/.test(text) ? "~ must be followed by 0 or 1" : undefined;
}

function relativeJsonPointer(text: string): Found {
  const digits = /^[0-9]*/.exec(text)?.[0] ?? "";
  if (digits === "") return "must start with non-negative integer";
  if (digits.length > 1 && digits.startsWith("0")) return "starts with zero";
  const rest = text.slice(digits.length);
  return rest === "#" ? undefined : jsonPointer(rest);
}

function uuid(text: string): Found {
  const lengths = [8, 4, 4, 4, 12];
  const groups = text.split("-", lengths.length + 1);
  if (groups.length !== lengths.length) return `must have ${lengths.length} elements`;
  for (const [i, group] of groups.entries()) {
    if (bytesIn(group) !== lengths[i]) return `element ${i + 1} must be ${lengths[i] ?? 0} characters long`;
    const char = strange(group, /[0-9a-fA-F]/);
    if (char !== undefined) return `non-hex character ${char}`;
  }
  return undefined;
}

function duration(text: string): Found {
  if (!text.startsWith("P")) return "must start with P";
  const rest = text.slice(1);
  if (rest === "") return "nothing after P";
  if (rest.endsWith("W")) {
    if (rest === "W") return "no number in week";
    return /^[0-9]+W$/.test(rest) ? undefined : "invalid week";
  }
  for (const [i, part] of rest.split("T", 3).entries()) {
    const found = i === 2 ? "more than one T" : i === 1 && part === "" ? "no time elements" : elements(part, i);
    if (found !== undefined) return i === 2 && part === "" ? "no time elements" : found;
  }
  return undefined;
}

function elements(part: string, i: number): Found {
  const units = ["YMD", "HMS"][i] ?? "";
  let after = 0;
  for (let at = 0; at < part.length;) {
    const start = at;
    while (at < part.length && /[0-9]/.test(part.charAt(at))) at++;
    if (at === start) return "missing number";
    if (at === part.length) return "missing unit";
    const unit = part.charAt(at++);
    const place = units.indexOf(unit);
    const shown = quoteRune(new TextEncoder().encode(part.slice(at - 1))[0] ?? 0);
    if (place < 0) return `invalid unit ${shown}`;
    if (place < after) return `unit ${shown} out of order`;
    after = place + 1;
  }
  return undefined;
}

function ipv4(text: string): Found {
  const groups = text.split(".", 5);
  if (groups.length !== 4) return "expected four decimals";
  for (const group of groups) {
    if (group.length > 1 && group.startsWith("0")) return "leading zeros";
    if (!/^[+-]?[0-9]+$/.test(group)) return `strconv.Atoi: parsing ${quote(group)}: invalid syntax`;
    const n = BigInt(group.replace("+", ""));
    if (n !== BigInt.asIntN(64, n)) return `strconv.Atoi: parsing ${quote(group)}: value out of range`;
    if (n < 0n || n > 255n) return "decimal must be between 0 and 255";
  }
  return undefined;
}

function ipv6(text: string): Found {
  if (!text.includes(":")) return "missing colon";
  const zone = text.includes("%") ? "zone id is not a part of ipv6 address" : undefined;
  return ipAddressProblem(text) ?? zone;
}

function hostname(text: string): Found {
  const name = text.replace(/\.$/, "");
  if (bytesIn(name) > 253) return "more than 253 characters long";
  for (const label of name.split(".")) {
    if (label === "" || bytesIn(label) > 63) return "label must be 1 to 63 characters long";
    if (label.startsWith("-")) return "label starts with hyphen";
    if (label.endsWith("-")) return "label ends with hyphen";
    const char = strange(label, /[a-zA-Z0-9-]/);
    if (char !== undefined) return `invalid character ${char}`;
  }
  return undefined;
}

function email(text: string): Found {
  if (bytesIn(text) > 254) return "more than 255 characters long";
  const at = text.lastIndexOf("@");
  if (at < 0) return "missing @";
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  const found = localPart(local);
  if (found !== undefined) return found;
  if (!domain.startsWith("[") || !domain.endsWith("]")) return within("invalid domain", hostname(domain));
  const address = domain.slice(1, -1);
  if (address.startsWith("IPv6:")) return within("invalid ipv6 address", ipv6(address.slice(5)));
  return within("invalid ipv4 address", ipv4(address));
}

function localPart(local: string): Found {
  if (bytesIn(local) > 64) return "local part more than 64 characters long";
  if (local.length > 1 && local.startsWith('"') && local.endsWith('"')) {
    const isPlain = !/["\\]/.test(local.slice(1, -1));
    return isPlain ? undefined : "backslash and quote are not allowed within quoted local part";
  }
  if (local.startsWith(".")) return "starts with dot";
  if (local.endsWith(".")) return "ends with dot";
  if (local.includes("..")) return "consecutive dots";
  const char = strange(local, /[a-zA-Z0-9.!#$%&'*+\-/=?^_`{|}~]/);
  return char === undefined ? undefined : `invalid character ${char}`;
}

function date(text: string): Found {
  try {
    parseInstant("2006-01-02", text, utc);
    return undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function time(text: string): Found {
  if (bytesIn(text) < 9) return "less than 9 characters long";
  if (text[2] !== ":" || text[5] !== ":") return "missing colon in correct place";
  const numbers = [text.slice(0, 2), text.slice(3, 5), text.slice(6, 8)];
  if (numbers.some((part) => !/^(?:[0-9]{2}|[+-][0-9])$/.test(part))) return "invalid hour/min/sec";
  const [hour = 0, minute = 0, second = 0] = numbers.map(Number);
  if (hour < 0 || minute < 0 || second < 0) return "non-positive hour/min/sec";
  if (hour > 23 || minute > 59 || second > 60) return "hour/min/sec out of range";
  let zone = text.slice(8);
  if (zone.startsWith(".")) {
    const digits = /^\.([0-9]*)/.exec(zone)?.[1] ?? "";
    if (digits === "") return "no digits in second fraction";
    zone = zone.slice(1 + digits.length);
  }
  const offset = zone === "z" || zone === "Z" ? 0 : offsetOf(zone);
  if (typeof offset === "string") return offset;
  const minutes = hour * 60 + minute - offset;
  const ofDay = minutes < 0 ? minutes + 24 * 60 : minutes;
  return second >= 60 && ofDay !== 23 * 60 + 59 ? "invalid leap second" : undefined;
}

/** Minutes east of Greenwich, or what is wrong. */
function offsetOf(zone: string): number | string {
  if (bytesIn(zone) !== 6) return "offset must be 6 characters long";
  if (!/^[+-]/.test(zone)) return "offset must begin with plus/minus";
  if (zone[3] !== ":") return "missing colon in offset in correct place";
  const parts = [zone.slice(1, 3), zone.slice(4)];
  if (parts.some((part) => !/^(?:[0-9]{2}|[+-][0-9])$/.test(part))) return "invalid hour/min in offset";
  const [hours = 0, minutes = 0] = parts.map(Number);
  if (hours < 0 || minutes < 0) return "non-positive hour/min in offset";
  if (hours > 23 || minutes > 59) return "hour/min in offset out of range";
  return (zone.startsWith("+") ? 1 : -1) * (hours * 60 + minutes);
}

function dateTime(text: string): Found {
  if (bytesIn(text) < 20) return "less than 20 characters long";
  if (text[10] !== "t" && text[10] !== "T") return "11th character must be t or T";
  return (
    within("invalid date element", date(text.slice(0, 10))) ?? within("invalid time element", time(text.slice(11)))
  );
}

function period(text: string): Found {
  const slash = text.indexOf("/");
  if (slash < 0) return "missing slash";
  const [start, end] = [text.slice(0, slash), text.slice(slash + 1)];
  const endTime = (): Found => within("invalid end date-time", dateTime(end));
  if (start.startsWith("P")) return within("invalid start duration", duration(start)) ?? endTime();
  const found = within("invalid start date-time", dateTime(start));
  if (found !== undefined) return found;
  return end.startsWith("P") ? within("invalid end duration", duration(end)) : endTime();
}

function url(text: string, isReference: boolean): Found {
  try {
    const { scheme, host } = parseUrl(text);
    const [, bracketed] = /^\[(.*)\](?::[0-9]*)?$/s.exec(host) ?? [];
    const name = bracketed ?? host.replace(/:[0-9]*$/, "");
    if (name.includes(":")) {
      if (bracketed === undefined) return "ipv6 address not enclosed in brackets";
      const found = within("invalid ipv6 address", ipv6(name));
      if (found !== undefined) return found;
    }
    return scheme === "" && !isReference ? "relative url" : undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function uriTemplate(text: string): Found {
  const found = url(text, true);
  if (found !== undefined) return found;
  for (const part of (parseUrl(text).rawPath ?? "").split("/")) {
    let isOpen = false;
    for (const char of decodePath(part)) {
      if (char !== "{" && char !== "}") continue;
      if ((char === "{") === isOpen) return "nested curly braces";
      isOpen = !isOpen;
    }
    if (isOpen) return "no matching closing brace";
  }
  return undefined;
}

const decodePath = (part: string): string => part.replaceAll(/%7[bB]/g, "{").replaceAll(/%7[dD]/g, "}");

function uriReference(text: string): Found {
  return text.includes("\\") ? "contains \\" : url(text, true);
}

function semver(text: string): Found {
  const [beforeBuild, build] = cut(text, "+");
  if (build !== undefined) {
    if (build === "") return "build is empty";
    for (const id of build.split(".")) {
      if (id === "") return "build identifier is empty";
      const char = strange(id, /[0-9A-Za-z-]/);
      if (char !== undefined) return `invalid character ${char} in build identifier`;
    }
  }
  const [version, preRelease] = cut(beforeBuild, "-");
  for (const id of preRelease === undefined ? [] : preRelease.split(".")) {
    if (id === "") return "pre-release identifier is empty";
    const char = strange(id, /[0-9A-Za-z-]/);
    if (char !== undefined) return `invalid character ${char} in pre-release identifier`;
    if (/^0[0-9]+$/.test(id)) return "pre-release numeric identifier starts with zero";
  }
  return versionCore(version);
}

function versionCore(version: string): Found {
  const numbers = version.split(".", 4);
  if (numbers.length !== 3) return "versionCore must have 3 numbers separated by dot";
  for (const [i, number] of numbers.entries()) {
    const name = ["major", "minor", "patch"][i] ?? "";
    if (number === "") return `${name} is empty`;
    if (number.length > 1 && number.startsWith("0")) return `${name} starts with zero`;
    if (!/^[0-9]+$/.test(number)) return `${name} contains non-digit`;
  }
  return undefined;
}

function cut(text: string, at: string): [before: string, after: string | undefined] {
  const index = text.indexOf(at);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

const formats = new Map<string, (text: string) => Found>([
  ["json-pointer", jsonPointer],
  ["relative-json-pointer", relativeJsonPointer],
  ["uuid", uuid],
  ["duration", duration],
  ["period", period],
  ["ipv4", ipv4],
  ["ipv6", ipv6],
  ["hostname", hostname],
  ["email", email],
  ["date", date],
  ["time", time],
  ["date-time", dateTime],
  ["uri", (text) => url(text, false)],
  ["iri", (text) => url(text, false)],
  ["uri-reference", uriReference],
  ["iri-reference", uriReference],
  ["uri-template", uriTemplate],
  ["semver", semver],
]);
