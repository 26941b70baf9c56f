// Bytes to text, as go-yaml's reader takes them: UTF-8, or UTF-16 behind a byte order mark.

import { Failure } from "@plumbline/core/model";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of a YAML file; a byte order mark in front is dropped. Throws `Failure("YamlInvalid")` with go-yaml's words
 * and the line for bytes that are no valid UTF-8 (or UTF-16).
 */
export function decodeYamlText(bytes: Uint8Array, file?: string): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeUtf16(bytes.subarray(2), { little: true, file });
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeUtf16(bytes.subarray(2), { little: false, file });
  try {
    const text = strict.decode(bytes);
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw broken(bytes, file);
  }
}

function decodeUtf16(bytes: Uint8Array, { little, file }: { little: boolean; file: string | undefined }): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: string[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) parts.push(String.fromCharCode(view.getUint16(at, little)));
  const text = parts.join("");
  if (bytes.length % 2 === 1) throw failure("incomplete UTF-16 character", text, file);
  if (!text.isWellFormed()) throw failure("unexpected low surrogate area", text, file);
  return text;
}

function broken(bytes: Uint8Array, file: string | undefined): Failure {
  let at = 0;
  for (;;) {
    const { width, problem } = characterAt(bytes, at);
    if (problem !== undefined) return failure(problem, new TextDecoder().decode(bytes.subarray(0, at)), file);
    at += width;
  }
}

/** The width of the character at an offset, and what is wrong with it. */
function characterAt(bytes: Uint8Array, at: number): { width: number; problem?: string } {
  const width = utf8Width(bytes[at] as number);
  if (width === 0) return { width, problem: "invalid leading UTF-8 octet" };
  if (at + width > bytes.length) return { width, problem: "incomplete UTF-8 octet sequence" };
  let value = (bytes[at] as number) & (width === 1 ? 0x7f : 0xff >> (width + 1));
  for (let i = 1; i < width; i++) {
    const octet = bytes[at + i] as number;
    if ((octet & 0xc0) !== 0x80) return { width, problem: "invalid trailing UTF-8 octet" };
    value = value * 64 + (octet & 0x3f);
  }
  if (value < (LEAST[width] as number)) return { width, problem: "invalid length of a UTF-8 sequence" };
  const isCharacter = value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
  return isCharacter ? { width } : { width, problem: "invalid Unicode character" };
}

/** The least code point that needs so many bytes. */
const LEAST = [0, 0, 0x80, 0x800, 0x10000];

function utf8Width(octet: number): number {
  if (octet < 0x80) return 1;
  if ((octet & 0xe0) === 0xc0) return 2;
  if ((octet & 0xf0) === 0xe0) return 3;
  return (octet & 0xf8) === 0xf0 ? 4 : 0;
}

function failure(problem: string, before: string, file: string | undefined): Failure {
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  return new Failure({
    reason: "YamlInvalid",
    message: `yaml: ${problem}`,
    hint: "Save the file as UTF-8.",
    where: { ...(file !== undefined && { file }), line, column },
    retry: "never",
  });
}
