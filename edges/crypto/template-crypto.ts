// The cryptography that sprig's template functions ask for, on node:crypto.

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  scryptSync,
  X509Certificate,
} from "node:crypto";
import bcrypt from "bcryptjs";
import { Failure } from "@plumbline/core/model";
import { type Crypto, decodeText, type RandomBytes } from "@plumbline/core/template";
import { signCertificate } from "./certificate.ts";
import { der, integer, readElements, sequence } from "./der.ts";

/** Go's bcrypt.DefaultCost. */
const bcryptCost = 10;
const scryptMemoryBytes = 64 * 1024 * 1024;

const bytes = (buffer: Uint8Array): Uint8Array => new Uint8Array(buffer);

const fault = (message: string, cause?: unknown): Failure =>
  new Failure({ reason: "TemplateFailed", message, retry: "never", ...(cause !== undefined && { cause }) });

/** A source of random bytes that is fit for keys. */
export const secureRandom: RandomBytes = (count) => bytes(randomBytes(count));

/** The node:crypto implementation of what `sprigFunctions` needs. Key generation blocks: about 0.1 s for 2048 bits. */
export const templateCrypto: Crypto = {
  hash: (name, data) => bytes(createHash(name).update(data).digest()),
  hmacSha256: (key, data) => bytes(createHmac("sha256", key).update(data).digest()),
  scrypt: (password, salt) =>
    bytes(scryptSync(password, salt, 64, { N: 32768, r: 8, p: 2, maxmem: scryptMemoryBytes })),
  encryptAes: (key, iv, data) => {
    const cipher = createCipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
    return bytes(Buffer.concat([cipher.update(data), cipher.final()]));
  },
  decryptAes: (key, iv, data) => {
    const cipher = createDecipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
    return bytes(Buffer.concat([cipher.update(data), cipher.final()]));
  },
  bcrypt: (password) => bcrypt.hashSync(decodeText(password), bcryptCost).replace(/^\$2b\$/, "$2a$"),
  generateKey: (kind, size) => exportKey(generate(kind, size)),
  normalizeKey: (pem) => exportKey(readKey(pem)),
  checkCertificate: (pem) => {
    readCertificate(pem);
  },
  signCertificate: (request, keyPem, issuer) => {
    const signer = issuer && { certificate: readCertificate(issuer.certificate), key: readKey(issuer.key) };
    return pemBlock("CERTIFICATE", signCertificate(request, readKey(keyPem), signer));
  },
};

function generate(kind: "rsa" | "dsa" | "ecdsa" | "ed25519", size: number): KeyObject {
  switch (kind) {
    case "rsa":
      return generateKeyPairSync("rsa", { modulusLength: size }).privateKey;
    case "dsa":
      return generateKeyPairSync("dsa", { modulusLength: 2048, divisorLength: 256 }).privateKey;
    case "ecdsa":
      return generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
    case "ed25519":
      return generateKeyPairSync("ed25519").privateKey;
  }
}

function exportKey(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return String(key.export({ type: "pkcs1", format: "pem" }));
    case "ec":
      return String(key.export({ type: "sec1", format: "pem" }));
    case "dsa":
      return pemBlock("DSA PRIVATE KEY", dsaKey(key));
    default:
      return String(key.export({ type: "pkcs8", format: "pem" }));
  }
}

/** OpenSSL's old form of a DSA key: version, p, q, g, y, x. */
function dsaKey(key: KeyObject): Uint8Array {
  const [outer] = readElements(bytes(key.export({ type: "pkcs8", format: "der" })));
  const [, algorithm, secret] = readElements(outer?.content ?? new Uint8Array());
  const parameters = readElements(algorithm?.content ?? new Uint8Array())[1];
  const numbers = readElements(parameters?.content ?? new Uint8Array()).map((element) => element.content);
  const [x] = readElements(secret?.content ?? new Uint8Array()).map((element) => element.content);
  const [p, q, g] = numbers.map(toBigInt);
  const y = power(g ?? 0n, toBigInt(x ?? new Uint8Array()), p ?? 1n);
  const all = [p ?? 0n, q ?? 0n, g ?? 0n, y].map((n) => integer(fromBigInt(n)));
  return sequence(der(0x02, Uint8Array.of(0)), ...all, integer(x ?? new Uint8Array()));
}

const toBigInt = (data: Uint8Array): bigint => BigInt(`0x${Buffer.from(data).toString("hex") || "0"}`);

function fromBigInt(n: bigint): Uint8Array {
  const digits = n.toString(16);
  return bytes(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex"));
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

const pemPattern = /-----BEGIN ([A-Z0-9 ]+)-----/;

function readKey(pem: string): KeyObject {
  const type = pemPattern.exec(pem)?.[1];
  if (type === undefined) throw fault("no PEM data in input");
  if (type !== "PRIVATE KEY" && !type.endsWith(" PRIVATE KEY")) {
    throw fault(`no private key data in PEM block of type ${type}`);
  }
  const kind = type.slice(0, -" PRIVATE KEY".length);
  const context = type === "PRIVATE KEY" ? "decoding PEM as PKCS#8" : `parsing ${kind} private key from PEM`;
  if (type !== "PRIVATE KEY" && !["RSA", "EC", "DSA"].includes(kind)) throw fault(`invalid private key type ${kind}`);
  try {
    return createPrivateKey(pem);
  } catch (thrown) {
    throw fault(`${context}: the key cannot be read`, thrown);
  }
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (thrown) {
    throw fault("x509: malformed certificate", thrown);
  }
}

function pemBlock(type: string, data: Uint8Array): string {
  const lines =
    Buffer.from(data)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.join("\n")}\n-----END ${type}-----\n`;
}
