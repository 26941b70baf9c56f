// Shell patterns over the bytes of a text, as envsubst matches them: `*` also crosses slashes.

/** Bytes of UTF-8, one per character: `match` and the trims work on these. */
export type ByteText = string;

export class BadPattern extends Error {}

/** The UTF-8 bytes of a text as a string of characters below 256. */
export function toBytes(text: string): ByteText {
  return isAscii(text) ? text : String.fromCharCode(...new TextEncoder().encode(text));
}

/** The inverse of `toBytes`; undefined when the bytes are no valid UTF-8. */
export function fromBytes(bytes: ByteText): string | undefined {
  if (isAscii(bytes)) return bytes;
  const octets = Uint8Array.from(bytes, (char) => char.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Does the pattern match all of the name? Throws `BadPattern` when it is malformed and that matters. */
export function matchGlob(pattern: ByteText, name: ByteText): boolean {
  let rest = pattern;
  let left = name;
  while (rest !== "") {
    const { star, chunk, after } = splitChunk(rest);
    rest = after;
    if (star && chunk === "") return true;
    const found = matchSomewhere(chunk, left, star, rest === "");
    if (found === undefined) return false;
    left = found;
  }
  return left === "";
}

function matchSomewhere(chunk: ByteText, left: ByteText, star: boolean, last: boolean): ByteText | undefined {
  const here = matchChunk(chunk, left);
  if (here !== undefined && (here === "" || !last)) return here;
  if (!star) return undefined;
  for (let i = 1; i <= left.length; i++) {
    const there = matchChunk(chunk, left.slice(i));
    if (there !== undefined && !(last && there !== "")) return there;
  }
  return undefined;
}

/** The pattern up to the next star. */
function splitChunk(pattern: ByteText): { star: boolean; chunk: ByteText; after: ByteText } {
  let start = 0;
  while (pattern[start] === "*") start++;
  let inClass = false;
  let i = start;
  for (; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === "\\") {
      if (i + 1 < pattern.length) i++;
    } else if (char === "[") inClass = true;
    else if (char === "]") inClass = false;
    else if (char === "*" && !inClass) break;
  }
  return { star: start > 0, chunk: pattern.slice(start, i), after: pattern.slice(i) };
}

/** What is left of the text after the chunk, or undefined. */
function matchChunk(chunk: ByteText, text: ByteText): ByteText | undefined {
  let at = 0;
  let i = 0;
  while (i < chunk.length) {
    if (at >= text.length) return undefined;
    const char = chunk[i];
    if (char === "?") {
      at += runeAt(text, at).width;
      i++;
    } else if (char === "[") {
      const rune = runeAt(text, at);
      const found = matchClass(chunk, i + 1, rune.code);
      if (!found.matches) return undefined;
      at += rune.width;
      i = found.end;
    } else {
      if (char === "\\" && ++i >= chunk.length) throw new BadPattern("syntax error in pattern");
      if (chunk[i] !== text[at]) return undefined;
      at++;
      i++;
    }
  }
  return text.slice(at);
}

function matchClass(chunk: ByteText, from: number, code: number): { matches: boolean; end: number } {
  let i = from;
  const negated = chunk[i] === "^";
  if (negated) i++;
  let matches = false;
  for (let ranges = 0; ; ranges++) {
    if (chunk[i] === "]" && ranges > 0) return { matches: matches !== negated, end: i + 1 };
    const low = classMember(chunk, i);
    let high = low;
    if (chunk[low.end] === "-") high = classMember(chunk, low.end + 1);
    if (low.code <= code && code <= high.code) matches = true;
    i = high.end;
  }
}

function classMember(chunk: ByteText, from: number): { code: number; end: number } {
  let i = from;
  if (i >= chunk.length || chunk[i] === "-" || chunk[i] === "]") throw new BadPattern("syntax error in pattern");
  if (chunk[i] === "\\" && ++i >= chunk.length) throw new BadPattern("syntax error in pattern");
  const { code, width } = runeAt(chunk, i);
  if ((code === 0xfffd && width === 1) || i + width >= chunk.length) throw new BadPattern("syntax error in pattern");
  return { code, end: i + width };
}

/** Decodes one UTF-8 character; a broken one is U+FFFD, one byte wide. */
function runeAt(bytes: ByteText, at: number): { code: number; width: number } {
  const first = bytes.charCodeAt(at);
  if (first < 0x80) return { code: first, width: 1 };
  const width = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const decoded = fromBytes(bytes.slice(at, at + width));
  const code = decoded === undefined ? undefined : decoded.codePointAt(0);
  return code === undefined ? { code: 0xfffd, width: 1 } : { code, width };
}
