// Word wrapping, byte for byte as goutils does it.

import { decodeText, encodeText } from "../bytes.ts";

export interface WrapOptions {
  /** Columns, counted in bytes; less than 1 counts as 1. */
  width: number;
  /** What goes between lines; empty is a newline. */
  separator: string;
  /** Cut words that are longer than a line. */
  breakWords: boolean;
}

const space = 0x20;

export function wrap(text: string, { width, separator, breakWords }: WrapOptions): string {
  if (text === "") return "";
  const lineWidth = Math.max(width, 1);
  const between = separator === "" ? "\n" : separator;
  const bytes = encodeText(text);
  const pieces: string[] = [];
  let offset = 0;
  while (bytes.length - offset > lineWidth) {
    if (bytes[offset] === space) {
      offset++;
      continue;
    }
    const breakAt = findBreak(bytes, { offset, lineWidth, breakWords });
    pieces.push(decodeText(bytes.subarray(offset, breakAt.end)));
    offset = breakAt.next;
    if (breakAt.isLast) return pieces.join(between);
  }
  pieces.push(decodeText(bytes.subarray(offset)));
  return pieces.join(between);
}

interface Break {
  end: number;
  next: number;
  isLast: boolean;
}

function findBreak(bytes: Uint8Array, at: { offset: number; lineWidth: number; breakWords: boolean }): Break {
  const { offset, lineWidth, breakWords } = at;
  const before = bytes.lastIndexOf(space, offset + lineWidth);
  if (before >= offset) return { end: before, next: before + 1, isLast: false };
  const end = offset + lineWidth;
  if (breakWords) return { end, next: end, isLast: false };
  const after = bytes.indexOf(space, end);
  if (after < 0) return { end: bytes.length, next: bytes.length, isLast: true };
  return { end: after, next: after + 1, isLast: false };
}
