// Base64, base32 and Adler-32 as Go's standard library has them, with its messages.

const alphabet64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const alphabet32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

/** The bytes, or Go's error text: `illegal base64 data at input byte 4`. Newlines are skipped. */
export function decodeBase64(text: string): Uint8Array | string {
  return decodePadded(text, { alphabet: alphabet64, bits: 6, quantum: 4, name: "base64" });
}

/** Standard base32 with padding. */
export function encodeBase32(bytes: Uint8Array): string {
  let out = "";
  for (let at = 0; at < bytes.length; at += 5) {
    const group = bytes.subarray(at, at + 5);
    let value = 0n;
    for (let i = 0; i < 5; i++) value = (value << 8n) | BigInt(group[i] ?? 0);
    const characters = Math.ceil((group.length * 8) / 5);
    for (let i = 0; i < 8; i++) {
      out += i < characters ? alphabet32[Number((value >> BigInt(35 - 5 * i)) & 31n)] : "=";
    }
  }
  return out;
}

/** The bytes, or Go's error text. */
export function decodeBase32(text: string): Uint8Array | string {
  return decodePadded(text, { alphabet: alphabet32, bits: 5, quantum: 8, name: "base32" });
}

interface Encoding {
  alphabet: string;
  bits: 5 | 6;
  /** Characters per group. */
  quantum: 4 | 8;
  name: string;
}

function decodePadded(text: string, encoding: Encoding): Uint8Array | string {
  const { quantum, name, bits } = encoding;
  const illegal = (at: number): string => `illegal ${name} data at input byte ${at}`;
  const out: number[] = [];
  const characters = significant(text);
  for (let i = 0; i < characters.length; i += quantum) {
    const group = characters.slice(i, i + quantum);
    const end = decodeGroup(group, out, encoding);
    if (end.badAt !== undefined) return illegal(end.badAt);
    if (end.count === quantum) continue;
    if (group.length < quantum) return illegal(end.isPadded || name === "base64" ? text.length : i + end.count);
    if (!isWholeBytes(end.count, bits)) return illegal(group[end.count]?.at ?? text.length);
    const trailing = characters[i + quantum];
    if (trailing) return illegal(trailing.at);
  }
  return Uint8Array.from(out);
}

interface Character {
  char: string;
  at: number;
}

function significant(text: string): Character[] {
  const list: Character[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char !== "\n" && char !== "\r") list.push({ char, at });
  }
  return list;
}

const isWholeBytes = (count: number, bits: number): boolean =>
  Math.floor((count * bits) / 8) > 0 && (count * bits) % 8 < bits;

interface GroupEnd {
  count: number;
  isPadded: boolean;
  badAt?: number;
}

function decodeGroup(group: Character[], out: number[], { alphabet, bits }: Encoding): GroupEnd {
  let value = 0;
  let held = 0;
  for (const [i, { char, at }] of group.entries()) {
    if (char === "=") {
      const bad = group.slice(i).find((each) => each.char !== "=");
      return bad ? { count: i, isPadded: true, badAt: bad.at } : { count: i, isPadded: true };
    }
    const digit = alphabet.indexOf(char);
    if (digit < 0) return { count: i, isPadded: false, badAt: at };
    value = (value << bits) | digit;
    held += bits;
    if (held < 8) continue;
    held -= 8;
    out.push((value >> held) & 0xff);
    value &= (1 << held) - 1;
  }
  return { count: group.length, isPadded: false };
}

/** Adler-32 of RFC 1950. */
export function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}
