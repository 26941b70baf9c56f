// sprig's cryptography, over functions that are given: core has none of its own.

import { decodeText, encodeText } from "../bytes.ts";
import { callFailure, define, defineWithContext } from "../define.ts";
import { show, sprintf } from "../printf.ts";
import {
  type Callable,
  type CallContext,
  GoObject,
  type GoSlice,
  type GoType,
  stringType,
  type Value,
} from "../value.ts";
import { derivePassword } from "./derive-password.ts";
import { decodeBase64, encodeBase64 } from "./encodings.ts";
import type { RandomBytes } from "./random.ts";

export type HashName = "sha1" | "sha256" | "sha512";

/** What goes into a certificate. */
export interface CertificateRequest {
  commonName: string;
  ipAddresses: string[];
  dnsNames: string[];
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
  isAuthority: boolean;
  /** 16 random bytes, read as a positive number. */
  serial: Uint8Array;
}

/**
 * What the functions need from a cryptographic library. Keys and certificates travel as PEM text, in the block types that
 * Go writes: `RSA PRIVATE KEY`, `EC PRIVATE KEY`, `PRIVATE KEY`, `CERTIFICATE`. Failures are `Failure("TemplateFailed")`
 * with the message to show.
 */
export interface Crypto {
  hash(name: HashName, bytes: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** N 32768, r 8, p 2, 64 bytes. */
  scrypt(password: Uint8Array, salt: Uint8Array): Uint8Array;
  /** AES-256-CBC without padding. */
  encryptAes(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array;
  decryptAes(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** The `$2a$10$...` text for a password of at most 72 bytes. */
  bcrypt(password: Uint8Array): string;
  /** `bits` counts for rsa. */
  generateKey(kind: "rsa" | "dsa" | "ecdsa" | "ed25519", bits: number): string;
  /** The same key in Go's PEM form. Throws where it is no private key. */
  normalizeKey(pem: string): string;
  /** Throws where the text is no certificate. */
  checkCertificate(pem: string): void;
  /** Signs with the issuer's key; without an issuer the certificate signs itself. */
  signCertificate(
    request: CertificateRequest,
    keyPem: string,
    issuer: { certificate: string; key: string } | undefined,
  ): string;
}

/** sprig's certificate: a struct with Cert and Key. */
export const certificateType: GoType = { name: "sprig.certificate", kind: "struct" };

const certificate = (cert: string, key: string): GoObject =>
  new GoObject(
    certificateType,
    new Map([
      ["Cert", cert],
      ["Key", key],
    ]),
  );

const dayMs = 86_400_000;
const leafKeyBits = 2048;
const loneKeyBits = 4096;
const maxBcryptBytes = 72;
const aesBlock = 16;

/** Steps, at about as many a second as templates take. A chart can have a hundred hashes or certificates, or two dozen large keys. */
const hashSteps = 500_000;
const leafKeySteps = 500_000;
const loneKeySteps: Record<"rsa" | "dsa" | "ecdsa" | "ed25519", number> = {
  rsa: 2_000_000,
  dsa: 2_000_000,
  ecdsa: 20_000,
  ed25519: 20_000,
};
const signSteps = 20_000;

export interface CryptoEnvironment {
  crypto: Crypto;
  random: RandomBytes;
  /** Nanoseconds since 1970. */
  now: () => bigint;
}

export function cryptoFunctions(environment: CryptoEnvironment): [string, Callable][] {
  const { crypto } = environment;
  const sum = (name: HashName): Callable =>
    define(["string"], "string", (text) => crypto.hash(name, encodeText(text)).toHex());
  const bcrypt = (context: CallContext, password: string): string => {
    context.spend(hashSteps);
    const bytes = encodeText(password);
    return bytes.length > maxBcryptBytes
      ? "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
      : crypto.bcrypt(bytes);
  };
  return [
    ["sha1sum", sum("sha1")],
    ["sha256sum", sum("sha256")],
    ["sha512sum", sum("sha512")],
    ["bcrypt", defineWithContext(["string"], "string", bcrypt)],
    [
      "htpasswd",
      defineWithContext(["string", "string"], "string", (context, user, password) =>
        user.includes(":") ? `invalid username: ${user}` : `${user}:${bcrypt(context, password)}`,
      ),
    ],
    ["genPrivateKey", defineWithContext(["string"], "string", (context, kind) => generateKey(context, crypto, kind))],
    [
      "derivePassword",
      defineWithContext(
        ["uint32", "string", "string", "string", "string"],
        "string",
        (context, counter, ...[type, password, user, site]) => {
          context.spend(2 * hashSteps);
          return derivePassword(crypto, { counter, type, password, user, site });
        },
      ),
    ],
    ["encryptAES", define(["string", "string"], "string", (password, text) => encrypt(environment, password, text))],
    ["decryptAES", define(["string", "string"], "string", (password, text) => decrypt(crypto, password, text))],
    ["buildCustomCert", define(["string", "string"], certificateType, (cert, key) => buildCustom(crypto, cert, key))],
    ...certificateFunctions(environment),
  ];
}

function generateKey(context: CallContext, crypto: Crypto, kind: string): string {
  const known = kind === "" ? "rsa" : kind;
  if (known !== "rsa" && known !== "dsa" && known !== "ecdsa" && known !== "ed25519") return `Unknown type ${kind}`;
  context.spend(loneKeySteps[known]);
  return crypto.generateKey(known, loneKeyBits);
}

function certificateFunctions(environment: CryptoEnvironment): [string, Callable][] {
  const { crypto } = environment;
  const fresh = (context: CallContext): string => {
    context.spend(leafKeySteps);
    return crypto.generateKey("rsa", leafKeyBits);
  };
  const given = (context: CallContext, pem: string): string => {
    context.spend(signSteps);
    try {
      return crypto.normalizeKey(pem);
    } catch (thrown) {
      throw callFailure(`parsing private key: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown);
    }
  };
  const authority = (name: string, days: number, key: string): Value =>
    issue(environment, { name, days, key, ips: undefined, dns: undefined, isAuthority: true }, undefined);
  const own = (leaf: Leaf): Value => issue(environment, leaf, undefined);
  const signed = (leaf: Omit<Leaf, "key">, ca: Value, key: () => string): Value =>
    issueSigned(environment, leaf, ca, key);
  return [
    [
      "genCA",
      defineWithContext(["string", "int"], certificateType, (context, name, days) =>
        authority(name, days, fresh(context)),
      ),
    ],
    [
      "genCAWithKey",
      defineWithContext(["string", "int", "string"], certificateType, (context, name, days, pem) =>
        authority(name, days, given(context, pem)),
      ),
    ],
    [
      "genSelfSignedCert",
      defineWithContext(["string", "slice", "slice", "int"], certificateType, (context, name, ips, dns, days) =>
        own({ name, ips, dns, days, key: fresh(context) }),
      ),
    ],
    [
      "genSelfSignedCertWithKey",
      defineWithContext(
        ["string", "slice", "slice", "int", "string"],
        certificateType,
        (context, name, ips, dns, days, pem) => own({ name, ips, dns, days, key: given(context, pem) }),
      ),
    ],
    [
      "genSignedCert",
      defineWithContext(
        ["string", "slice", "slice", "int", certificateType],
        certificateType,
        (context, name, ips, dns, days, ca) => signed({ name, ips, dns, days }, ca, () => fresh(context)),
      ),
    ],
    [
      "genSignedCertWithKey",
      defineWithContext(
        ["string", "slice", "slice", "int", certificateType, stringType],
        certificateType,
        (context, ...[name, ips, dns, days, ca, pem]) =>
          signed({ name, ips, dns, days }, ca, () => given(context, show(pem))),
      ),
    ],
  ];
}

interface Leaf {
  name: string;
  days: number;
  key: string;
  ips: GoSlice | undefined;
  dns: GoSlice | undefined;
  isAuthority?: boolean;
}

type Issuer = { certificate: string; key: string } | undefined;

function issue({ crypto, random, now }: CryptoEnvironment, leaf: Leaf, issuer: Issuer): GoObject {
  const notBefore = Number(now() / 1_000_000n);
  const request: CertificateRequest = {
    commonName: leaf.name,
    ipAddresses: (leaf.ips?.items ?? []).map(ipAddress),
    dnsNames: (leaf.dns?.items ?? []).map(dnsName),
    notBefore,
    notAfter: notBefore + leaf.days * dayMs,
    isAuthority: leaf.isAuthority ?? false,
    serial: random(16),
  };
  return certificate(crypto.signCertificate(request, leaf.key, issuer), leaf.key);
}

function issueSigned(environment: CryptoEnvironment, leaf: Omit<Leaf, "key">, ca: Value, key: () => string): GoObject {
  const { crypto } = environment;
  const field = (name: string): string => show((ca as GoObject).fields.get(name)); // the parameter's type has both
  const issuer = { certificate: field("Cert"), key: field("Key") };
  if (!issuer.certificate.includes("-----BEGIN")) throw callFailure("unable to decode certificate");
  inContext("error parsing certificate: decodedSignerCert.Bytes: ", () => crypto.checkCertificate(issuer.certificate));
  inContext("error parsing private key: ", () => crypto.normalizeKey(issuer.key));
  return issue(environment, { ...leaf, key: key() }, issuer);
}

function inContext(prefix: string, check: () => unknown): void {
  try {
    check();
  } catch (thrown) {
    throw callFailure(prefix + (thrown instanceof Error ? thrown.message : String(thrown)), thrown);
  }
}

function ipAddress(value: Value): string {
  if (typeof value !== "string") throw callFailure(`error parsing ip: ${sprintf("%v", [value])} is not a string`);
  if (!isIpAddress(value)) throw callFailure(`error parsing ip: ${value}`);
  return value;
}

function isIpAddress(text: string): boolean {
  const octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  const v4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);
  if (v4.test(text)) return true;
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return false;
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const all = [...groups(head), ...groups(tail ?? "")];
  const last = all.at(-1) ?? "";
  const hasV4 = v4.test(last);
  const hex = hasV4 ? all.slice(0, -1) : all;
  const count = hex.length + (hasV4 ? 2 : 0);
  return hex.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) && (tail === undefined ? count === 8 : count < 8);
}

function dnsName(value: Value): string {
  if (typeof value === "string") return value;
  throw callFailure(`error processing alternate dns name: ${sprintf("%v", [value])} is not a string`);
}

function aesKey(password: string): Uint8Array {
  const key = new Uint8Array(32);
  key.set(encodeText(password).subarray(0, 32));
  return key;
}

function encrypt({ crypto, random }: CryptoEnvironment, password: string, text: string): string {
  if (text === "") return "";
  const content = encodeText(text);
  const padding = aesBlock - (content.length % aesBlock);
  const padded = new Uint8Array(content.length + padding).fill(padding);
  padded.set(content);
  const iv = random(aesBlock);
  const encrypted = crypto.encryptAes(aesKey(password), iv, padded);
  const all = new Uint8Array(aesBlock + encrypted.length);
  all.set(iv);
  all.set(encrypted, aesBlock);
  return encodeBase64(all);
}

function decrypt(crypto: Crypto, password: string, text: string): string {
  if (text === "") return "";
  const bytes = decodeBase64(text);
  if (typeof bytes === "string") throw callFailure(bytes);
  if (bytes.length < aesBlock) {
    throw callFailure(`runtime error: slice bounds out of range [:${aesBlock}] with capacity ${bytes.length}`);
  }
  const content = bytes.subarray(aesBlock);
  if (content.length % aesBlock !== 0) throw callFailure("crypto/cipher: input not full blocks");
  if (content.length === 0) throw callFailure("runtime error: index out of range [-1]");
  const plain = crypto.decryptAes(aesKey(password), bytes.subarray(0, aesBlock), content);
  const end = plain.length - (plain.at(-1) ?? 0);
  if (end < 0) throw callFailure(`runtime error: slice bounds out of range [:${end}]`);
  return decodeText(plain.subarray(0, end));
}

function buildCustom(crypto: Crypto, cert64: string, key64: string): GoObject {
  const cert = decodeBase64(cert64);
  if (typeof cert === "string") throw callFailure("unable to decode base64 certificate");
  const key = decodeBase64(key64);
  if (typeof key === "string") throw callFailure("unable to decode base64 private key");
  const certPem = decodeText(cert);
  const keyPem = decodeText(key);
  if (!certPem.includes("-----BEGIN")) throw callFailure("unable to decode certificate");
  inContext("error parsing certificate: decodedCert.Bytes: ", () => crypto.checkCertificate(certPem));
  inContext("error parsing private key: ", () => crypto.normalizeKey(keyPem));
  return certificate(certPem, keyPem);
}
