// The key order of go-yaml: digits by value, letters after everything else.
// Patterns with Unicode classes stand where they are used: making one takes as long as a small build may.

function isLetter(code: number): boolean {
  if (code < 128) return (code | 32) >= 0x61 && (code | 32) <= 0x7a;
  return /\p{L}/u.test(String.fromCodePoint(code));
}

function isDigit(code: number): boolean {
  if (code < 128) return code >= 0x30 && code <= 0x39;
  return /\p{Nd}/u.test(String.fromCodePoint(code));
}

/** Negative when `a` comes before `b` in a mapping that go-yaml v2 writes. */
export function compareKeys(a: string, b: string): number {
  return compare(a, b, false);
}

/** The same for yaml.v3: behind digits, letters come before everything else. */
export function compareKeysV3(a: string, b: string): number {
  return compare(a, b, true);
}

function compare(a: string, b: string, v3: boolean): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === length) return a.length - b.length;
  if (i > 0 && (a.charCodeAt(i) & 0xfc00) === 0xdc00 && (a.charCodeAt(i - 1) & 0xfc00) === 0xd800) i--;
  const x = a.codePointAt(i) as number;
  const y = b.codePointAt(i) as number;
  const xLetter = isLetter(x);
  const yLetter = isLetter(y);
  if (xLetter && yLetter) return x - y;
  if (xLetter || yLetter) return yLetter !== (v3 && i > 0 && isDigit(codePointBefore(a, i))) ? -1 : 1;
  return compareNumbers(a, b, i) || x - y;
}

function codePointBefore(text: string, i: number): number {
  const isPair = (text.charCodeAt(i - 1) & 0xfc00) === 0xdc00 && i > 1;
  return text.codePointAt(isPair ? i - 2 : i - 1) as number;
}

/** Compares the runs of digits that start at `i`: by value, then by length. */
function compareNumbers(a: string, b: string, i: number): number {
  const start = (a.charCodeAt(i) === 0x30 || b.charCodeAt(i) === 0x30) && followsNonZeroDigit(a, i) ? 1n : 0n;
  const x = digitRun(a, i, start);
  const y = digitRun(b, i, start);
  if (x.value !== y.value) return x.value < y.value ? -1 : 1;
  return x.length - y.length;
}

function followsNonZeroDigit(text: string, i: number): boolean {
  for (let j = i - 1; j >= 0 && isDigit(text.charCodeAt(j)); j--) {
    if (text.charCodeAt(j) !== 0x30) return true;
  }
  return false;
}

function digitRun(text: string, from: number, start: bigint): { value: bigint; length: number } {
  let value = start;
  let at = from;
  let length = 0;
  while (at < text.length) {
    const code = text.codePointAt(at) as number;
    if (!isDigit(code)) break;
    value = BigInt.asIntN(64, value * 10n + BigInt(code - 0x30));
    at += code > 0xffff ? 2 : 1;
    length++;
  }
  return { value, length };
}
