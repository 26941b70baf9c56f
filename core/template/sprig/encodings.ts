// Base64, base32 and Adler-32 as Go's standard library has them, with its messages.

const alphabet64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const alphabet32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

/** The bytes, or Go's error text: `illegal base64 data at input byte 4`. Newlines are skipped. */
export function decodeBase64(text: string): Uint8Array | string {
  const quick = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  return quick ? Uint8Array.fromBase64(text) : decodeCareful64(text);
}

function decodeCareful64(text: string): Uint8Array | string {
  const illegal = (at: number): string => `illegal base64 data at input byte ${at}`;
  const digits: number[] = [];
  const skip = (from: number): number => {
    let at = from;
    while (text[at] === "\n" || text[at] === "\r") at++;
    return at;
  };
  for (let at = skip(0); at < text.length; at = skip(at + 1)) {
    const digit = alphabet64.indexOf(text[at] ?? "");
    if (digit >= 0) {
      digits.push(digit);
      continue;
    }
    const held = digits.length % 4;
    if (text[at] !== "=" || held < 2) return illegal(at);
    let end = at + 1;
    if (held === 2) {
      end = skip(end);
      if (end === text.length) return illegal(end);
      if (text[end] !== "=") return illegal(end - 1);
      end++;
    }
    end = skip(end);
    return end < text.length ? illegal(end) : joinDigits(digits, 6);
  }
  const held = digits.length % 4;
  return held === 0 ? joinDigits(digits, 6) : illegal(text.length - held);
}

function joinDigits(digits: number[], bits: 5 | 6): Uint8Array {
  const out = new Uint8Array(Math.floor((digits.length * bits) / 8));
  let value = 0;
  let held = 0;
  let at = 0;
  for (const digit of digits) {
    value = (value << bits) | digit;
    held += bits;
    if (held < 8) continue;
    held -= 8;
    out[at++] = value >> held;
    value &= (1 << held) - 1;
  }
  return out;
}

/** Standard base32 with padding. */
export function encodeBase32(bytes: Uint8Array): string {
  let out = "";
  for (let at = 0; at < bytes.length; at += 5) {
    const group = bytes.subarray(at, at + 5);
    let value = 0n;
    for (let i = 0; i < 5; i++) value = (value << 8n) | BigInt(group[i] ?? 0);
    const characters = Math.ceil((group.length * 8) / 5);
    let part = "";
    for (let i = 0; i < 8; i++) {
      part += i < characters ? alphabet32[Number((value >> BigInt(35 - 5 * i)) & 31n)] : "=";
    }
    out += part;
  }
  return out;
}

/** The bytes, or Go's error text. */
export function decodeBase32(text: string): Uint8Array | string {
  const source = text.replaceAll(/[\r\n]/g, "");
  const illegal = (at: number): string => `illegal base32 data at input byte ${at}`;
  const digits: number[] = [];
  for (let at = 0; at < source.length; at++) {
    const held = digits.length % 8;
    const left = source.length - at - 1;
    if (source[at] === "=" && held >= 2 && left < 8) return endOfBase32({ source, at, held, digits });
    const digit = alphabet32.indexOf(source[at] ?? "");
    if (digit < 0) return illegal(at);
    digits.push(digit);
  }
  const held = digits.length % 8;
  return held === 0 ? joinDigits(digits, 5) : illegal(source.length - held);
}

function endOfBase32(end: { source: string; at: number; held: number; digits: number[] }): Uint8Array | string {
  const { source, at, held, digits } = end;
  const illegal = (byte: number): string => `illegal base32 data at input byte ${byte}`;
  const left = source.length - at - 1;
  if (left + held < 7) return illegal(source.length);
  for (let k = 0; k < 7 - held; k++) {
    if (k < left && source[at + 1 + k] !== "=") return illegal(at + k);
  }
  if (held === 3 || held === 6) return illegal(at);
  return joinDigits(digits, 5);
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
