// Master Password's derivation, as sprig's derivePassword does it.

import { decodeText, encodeText } from "../bytes.ts";

interface Derivation {
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  scrypt(password: Uint8Array, salt: Uint8Array): Uint8Array;
}

export interface PasswordRequest {
  counter: number;
  /** maximum, long, medium, short, basic or pin. */
  type: string;
  password: string;
  user: string;
  site: string;
}

const seed = "com.lyndir.masterpassword";

const patterns = new Map<string, string[]>([
  ["maximum", ["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"]],
  [
    "long",
    (
      "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv " +
      "CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv " +
      "CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno"
    ).split(" "),
  ],
  ["medium", ["CvcnoCvc", "CvcCvcno"]],
  ["short", ["Cvcn"]],
  ["basic", ["aaanaaan", "aannaaan", "aaannaaa"]],
  ["pin", ["nnnn"]],
]);

const characters = new Map<string, string>([
  ["V", "AEIOU"],
  ["C", "BCDFGHJKLMNPQRSTVWXYZ"],
  ["v", "aeiou"],
  ["c", "bcdfghjklmnpqrstvwxyz"],
  ["a", "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"],
  ["n", "0123456789"],
  ["o", "@&%?,=[]_:-+*$#!'^~;()/."],
  ["x", "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()"],
]);

function withLength(text: string): string {
  const bytes = encodeText(text);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return decodeText(length) + text;
}

/** The password, or a sentence for an unknown type. */
export function derivePassword(crypto: Derivation, request: PasswordRequest): string {
  const choices = patterns.get(request.type);
  if (!choices) return `cannot find password template ${request.type}`;
  const salt = encodeText(seed + withLength(request.user));
  const key = crypto.scrypt(encodeText(request.password), salt);
  const counter = new Uint8Array(4);
  new DataView(counter.buffer).setUint32(0, request.counter);
  const message = encodeText(seed + withLength(request.site) + decodeText(counter));
  const random = crypto.hmacSha256(key, message);
  const pattern = choices[(random[0] ?? 0) % choices.length] ?? "";
  return Array.from(pattern, (letter, i) => {
    const allowed = characters.get(letter) ?? "";
    return allowed[(random[i + 1] ?? 0) % allowed.length] ?? "";
  }).join("");
}
