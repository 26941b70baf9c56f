// Anchors, aliases, tags and directives.

import { BLANK, BREAK, END, URI, WORD, classOf, hexValue, isBlank, isBreak, isDigit } from "./characters.ts";
import type { Cursor, Mark } from "./cursor.ts";

const AFTER_ANCHOR = "?:,]}%@`";
const MAX_VERSION_DIGITS = 2;

/** A tag as it is written: `!handle!suffix`, `!suffix` (handle `!`), or verbatim (no handle). */
export interface TagParts {
  handle: string;
  suffix: string;
}

export type Directive = { kind: "version"; version: string } | { kind: "tag"; handle: string; prefix: string };

/** Reads the name after `&` or `*`. */
export function scanAnchor(cursor: Cursor): string {
  const start = cursor.mark();
  cursor.pos++;
  const name = takeWord(cursor);
  const code = cursor.code();
  const ended = atBlankOrEnd(code) || AFTER_ANCHOR.includes(String.fromCharCode(code));
  if (name === "" || !ended) cursor.failScan("did not find expected alphabetic or numeric character", start);
  return name;
}

export function scanTag(cursor: Cursor): TagParts {
  const start = cursor.mark();
  const parts = cursor.code(1) === 0x3c ? scanVerbatim(cursor, start) : scanShorthand(cursor, start);
  if (!atBlankOrEnd(cursor.code())) cursor.failScan("did not find expected whitespace or line break", start);
  return parts;
}

function scanVerbatim(cursor: Cursor, start: Mark): TagParts {
  cursor.pos += 2;
  const suffix = scanUri(cursor, "", start);
  if (cursor.code() !== 0x3e) cursor.failScan("did not find the expected '>'", start);
  cursor.pos++;
  return { handle: "", suffix };
}

function scanShorthand(cursor: Cursor, start: Mark): TagParts {
  const handle = scanHandle(cursor, start, false);
  if (handle.length > 1 && handle.endsWith("!")) return { handle, suffix: scanUri(cursor, "", start) };
  const suffix = scanUri(cursor, handle, start);
  return suffix === "" ? { handle: "", suffix: "!" } : { handle: "!", suffix };
}

function scanHandle(cursor: Cursor, start: Mark, directive: boolean): string {
  if (cursor.code() !== 0x21) cursor.failScan("did not find expected '!'", start);
  cursor.pos++;
  const handle = `!${takeWord(cursor)}`;
  if (cursor.code() === 0x21) {
    cursor.pos++;
    return `${handle}!`;
  }
  if (directive && handle !== "!") cursor.failScan("did not find expected '!'", start);
  return handle;
}

/** The rest of a tag; `head` is what was taken for a handle and was none. */
function scanUri(cursor: Cursor, head: string, start: Mark): string {
  let uri = head.slice(1);
  let found = head !== "";
  for (;;) {
    const code = cursor.code();
    if ((classOf(code) & URI) === 0) break;
    found = true;
    if (code === 0x25) {
      uri += scanUriEscapes(cursor, start);
    } else {
      uri += String.fromCharCode(code);
      cursor.pos++;
    }
  }
  if (!found) cursor.failScan("did not find expected tag URI", start);
  return uri;
}

function scanUriEscapes(cursor: Cursor, start: Mark): string {
  const octets: number[] = [];
  let width = 1;
  while (octets.length < width) {
    const high = hexValue(cursor.code(1));
    const low = hexValue(cursor.code(2));
    if (cursor.code() !== 0x25 || high < 0 || low < 0) cursor.failScan("did not find URI escaped octet", start);
    const octet = high * 16 + low;
    if (octets.length === 0) {
      width = utf8Width(octet);
      if (width === 0) cursor.failScan("found an incorrect leading UTF-8 octet", start);
    } else if ((octet & 0xc0) !== 0x80) {
      cursor.failScan("found an incorrect trailing UTF-8 octet", start);
    }
    octets.push(octet);
    cursor.pos += 3;
  }
  return new TextDecoder().decode(Uint8Array.from(octets));
}

function utf8Width(octet: number): number {
  if (octet < 0x80) return 1;
  if ((octet & 0xe0) === 0xc0) return 2;
  if ((octet & 0xf0) === 0xe0) return 3;
  return (octet & 0xf8) === 0xf0 ? 4 : 0;
}

/** Reads a `%` line, its line break included. */
export function scanDirective(cursor: Cursor): Directive {
  const start = cursor.mark();
  cursor.pos++;
  const name = takeWord(cursor);
  if (name === "") cursor.failScan("could not find expected directive name", start);
  if (!atBlankOrEnd(cursor.code())) cursor.failScan("found unexpected non-alphabetical character", start);
  if (name !== "YAML" && name !== "TAG") cursor.failScan("found unknown directive name", start);
  cursor.skipBlanks();
  const directive = name === "YAML" ? scanVersion(cursor, start) : scanTagDirective(cursor, start);
  cursor.skipBlanks();
  if (cursor.code() === 0x23) cursor.skipToBreak();
  if (cursor.pos < cursor.end) {
    if (!isBreak(cursor.code())) cursor.failScan("did not find expected comment or line break", start);
    cursor.takeBreak();
  }
  return directive;
}

function scanVersion(cursor: Cursor, start: Mark): Directive {
  const major = takeVersionNumber(cursor, start);
  if (cursor.code() !== 0x2e) cursor.failScan("did not find expected digit or '.' character", start);
  cursor.pos++;
  return { kind: "version", version: `${major}.${takeVersionNumber(cursor, start)}` };
}

function takeVersionNumber(cursor: Cursor, start: Mark): number {
  const from = cursor.pos;
  while (isDigit(cursor.code())) {
    if (cursor.pos - from === MAX_VERSION_DIGITS) cursor.failScan("found extremely long version number", start);
    cursor.pos++;
  }
  if (cursor.pos === from) cursor.failScan("did not find expected version number", start);
  return Number(cursor.text.slice(from, cursor.pos));
}

function scanTagDirective(cursor: Cursor, start: Mark): Directive {
  const handle = scanHandle(cursor, start, true);
  if (!isBlank(cursor.code())) cursor.failScan("did not find expected whitespace", start);
  cursor.skipBlanks();
  const prefix = scanUri(cursor, "", start);
  if (!atBlankOrEnd(cursor.code())) cursor.failScan("did not find expected whitespace or line break", start);
  return { kind: "tag", handle, prefix };
}

function takeWord(cursor: Cursor): string {
  const from = cursor.pos;
  while ((classOf(cursor.code()) & WORD) !== 0) cursor.pos++;
  return cursor.text.slice(from, cursor.pos);
}

function atBlankOrEnd(code: number): boolean {
  return (classOf(code) & (BLANK | BREAK | END)) !== 0;
}
