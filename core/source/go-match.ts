// Go's filepath.Match for one path element: `*`, `?`, `[a-z]`, `[^a]`, `\x`; a malformed pattern is an answer of its own.

export type MatchAnswer = "yes" | "no" | "malformed";

type Matcher = (name: string) => MatchAnswer;

/**
 * Prepares a pattern. Neither patterns nor names hold `/`. Works on Unicode code points, in time proportional to
 * pattern times name (a star is never retried once a later one was reached).
 */
export function compileGoMatch(pattern: string): Matcher {
  if (!/[*?[\\]/.test(pattern)) return (name) => (name === pattern ? "yes" : "no");
  const rest = pattern.slice(1);
  if (pattern.startsWith("*") && !/[*?[\\]/.test(rest)) return (name) => (name.endsWith(rest) ? "yes" : "no");
  const chunks = scanChunks(pattern);
  return (name) => matchChunks(chunks, codePoints(name));
}

/** A run of single-character tests, after a star or not. Go looks at a chunk only when it gets there. */
interface Chunk {
  star: boolean;
  malformed: boolean;
  tests: ((char: number) => boolean)[];
}

function scanChunks(pattern: string): Chunk[] {
  const chars = codePoints(pattern);
  const chunks: Chunk[] = [];
  let at = 0;
  while (at < chars.length) {
    const chunk: Chunk = { star: false, malformed: false, tests: [] };
    chunks.push(chunk);
    for (; chars[at] === STAR; at++) chunk.star = true;
    while (at < chars.length && chars[at] !== STAR) {
      const parsed = parseTest(chars, at);
      if (!parsed) {
        chunk.malformed = true;
        return chunks;
      }
      chunk.tests.push(parsed.test);
      at = parsed.next;
    }
  }
  return chunks;
}

function codePoints(text: string): number[] {
  return Array.from(text, (char) => char.codePointAt(0) ?? 0);
}

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const CARET = 0x5e;
const HYPHEN = 0x2d;
const BACKSLASH = 0x5c;

interface Parsed {
  test: (char: number) => boolean;
  next: number;
}

function parseTest(chars: readonly number[], at: number): Parsed | undefined {
  const first = chars[at];
  if (first === QUESTION) return { test: () => true, next: at + 1 };
  if (first === OPEN) return parseClass(chars, at + 1);
  const literal = first === BACKSLASH ? chars[at + 1] : first;
  if (literal === undefined) return undefined;
  return { test: (char) => char === literal, next: at + (first === BACKSLASH ? 2 : 1) };
}

function parseClass(chars: readonly number[], start: number): Parsed | undefined {
  let at = start;
  const negated = chars[at] === CARET;
  if (negated) at++;
  const ranges: [number, number][] = [];
  while (!(chars[at] === CLOSE && ranges.length > 0)) {
    const low = parseClassChar(chars, at);
    if (!low) return undefined;
    at = low.next;
    let high = low;
    if (chars[at] === HYPHEN) {
      const end = parseClassChar(chars, at + 1);
      if (!end) return undefined;
      high = end;
      at = high.next;
    }
    ranges.push([low.char, high.char]);
  }
  return { test: (char) => ranges.some(([low, high]) => low <= char && char <= high) !== negated, next: at + 1 };
}

/** One end of a range; an unescaped `-` or `]` is malformed there, and so is the end of the pattern after it. */
function parseClassChar(chars: readonly number[], at: number): { char: number; next: number } | undefined {
  const first = chars[at];
  if (first === undefined || first === HYPHEN || first === CLOSE) return undefined;
  const char = first === BACKSLASH ? chars[at + 1] : first;
  const next = at + (first === BACKSLASH ? 2 : 1);
  return char === undefined || next >= chars.length ? undefined : { char, next };
}

/** Each chunk takes its first possible place, the last one must end the name. */
function matchChunks(chunks: readonly Chunk[], chars: readonly number[]): MatchAnswer {
  let at = 0;
  for (const [index, { star, tests, malformed }] of chunks.entries()) {
    if (malformed) return "malformed";
    const isLast = index === chunks.length - 1;
    if (isLast && star && tests.length === 0) return "yes";
    const fits = (start: number): boolean => tests.every((test, i) => test(chars[start + i] ?? -1));
    const latest = chars.length - tests.length;
    let start = isLast && star ? Math.max(at, latest) : at;
    while (star && start < latest && !fits(start)) start++;
    if (start > latest || !fits(start)) return "no";
    at = start + tests.length;
  }
  return at === chars.length ? "yes" : "no";
}
