// X.509 version 3 certificates (RFC 5280), with the extensions that Go writes for the same request.

import { createHash, createPublicKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { isIPv4 } from "node:net";
import type { CertificateRequest } from "@plumbline/core/template";
import { bits, der, integer, octets, oid, readElements, sequence, set, text, yes } from "./der.ts";

export interface Issuer {
  certificate: X509Certificate;
  key: KeyObject;
}

/** DER of a certificate for `key`, signed by the issuer, or by the key itself when there is none. */
export function signCertificate(request: CertificateRequest, key: KeyObject, issuer: Issuer | undefined): Uint8Array {
  const publicKey = exportPublic(key);
  const subject = distinguishedName(request.commonName);
  const issuerName = issuer ? subjectOf(issuer.certificate) : subject;
  const signer = issuer?.key ?? key;
  const algorithm = signatureAlgorithm(signer);
  const body = sequence(
    der(0xa0, integer(Uint8Array.of(2))),
    integer(request.serial),
    algorithm.identifier,
    issuerName,
    sequence(time(request.notBefore), time(request.notAfter)),
    subject,
    publicKey,
    der(0xa3, sequence(...extensions({ request, publicKey, subject, issuerName, issuer }))),
  );
  return sequence(body, algorithm.identifier, bits(new Uint8Array(sign(algorithm.hash, body, signer))));
}

const exportPublic = (key: KeyObject): Uint8Array =>
  new Uint8Array(createPublicKey(key).export({ type: "spki", format: "der" }));

function distinguishedName(commonName: string): Uint8Array {
  if (commonName === "") return sequence();
  const isPrintable = /^[A-Za-z0-9 '()+,\-./:=?*&]*$/.test(commonName);
  return sequence(set(sequence(oid("2.5.4.3"), text(isPrintable ? 0x13 : 0x0c, commonName))));
}

/** The subject as it stands in a certificate, byte for byte. */
function subjectOf(certificate: X509Certificate): Uint8Array {
  return fieldsOf(certificate)[5]?.whole ?? sequence();
}

// tbsCertificate: version, serial, signature, issuer, validity, subject, key, extensions.
function fieldsOf(certificate: X509Certificate): ReturnType<typeof readElements> {
  const [outer] = readElements(new Uint8Array(certificate.raw));
  const [body] = readElements(outer?.content ?? new Uint8Array());
  return readElements(body?.content ?? new Uint8Array());
}

function time(ms: number): Uint8Array {
  const digits = new Date(Math.floor(ms / 1000) * 1000).toISOString().replaceAll(/[-:T]|\.000/g, "");
  const year = Number(digits.slice(0, 4));
  return year >= 1950 && year < 2050 ? text(0x17, digits.slice(2)) : text(0x18, digits);
}

function signatureAlgorithm(key: KeyObject): { identifier: Uint8Array; hash: string | null } {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return { identifier: sequence(oid("1.2.840.113549.1.1.11"), der(0x05)), hash: "sha256" };
    case "ec":
      return { identifier: sequence(oid("1.2.840.10045.4.3.2")), hash: "sha256" };
    case "ed25519":
      return { identifier: sequence(oid("1.3.101.112")), hash: null };
    default:
      throw new TypeError("x509: certificate private key does not implement crypto.Signer");
  }
}

interface Parts {
  request: CertificateRequest;
  publicKey: Uint8Array;
  subject: Uint8Array;
  issuerName: Uint8Array;
  issuer: Issuer | undefined;
}

const subjectKeyId = "2.5.29.14";

function extensions({ request, publicKey, subject, issuerName, issuer }: Parts): Uint8Array[] {
  // digitalSignature and keyEncipherment; keyCertSign for authorities.
  const usage = request.isAuthority ? bits(Uint8Array.of(0xa4), 2) : bits(Uint8Array.of(0xa0), 5);
  const list = [
    extension("2.5.29.15", usage, true),
    extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1"), oid("1.3.6.1.5.5.7.3.2"))),
    extension("2.5.29.19", request.isAuthority ? sequence(yes) : sequence(), true),
  ];
  if (request.isAuthority) list.push(extension(subjectKeyId, octets(keyIdOf(publicKey))));
  const issuerId =
    issuer && !Buffer.from(subject).equals(issuerName) ? extensionOf(issuer.certificate, subjectKeyId) : undefined;
  if (issuerId) list.push(extension("2.5.29.35", sequence(der(0x80, readElements(issuerId)[0]?.content ?? issuerId))));
  const names = [
    ...request.dnsNames.map((name) => text(0x82, name)),
    ...request.ipAddresses.map((address) => der(0x87, addressBytes(address))),
  ];
  if (names.length > 0) list.push(extension("2.5.29.17", sequence(...names), subject.length === 2));
  return list;
}

function extension(id: string, value: Uint8Array, isCritical = false): Uint8Array {
  return isCritical ? sequence(oid(id), yes, octets(value)) : sequence(oid(id), octets(value));
}

/** SHA-256 of the public key's bits, cut to 20 bytes (RFC 7093). */
function keyIdOf(publicKey: Uint8Array): Uint8Array {
  const [outer] = readElements(publicKey);
  const key = readElements(outer?.content ?? new Uint8Array())[1]?.content.subarray(1) ?? new Uint8Array();
  return new Uint8Array(createHash("sha256").update(key).digest().subarray(0, 20));
}

function extensionOf(certificate: X509Certificate, id: string): Uint8Array | undefined {
  const wanted = Buffer.from(oid(id));
  const holder = fieldsOf(certificate).find((field) => field.tag === 0xa3);
  const [list] = readElements(holder?.content ?? new Uint8Array());
  for (const each of readElements(list?.content ?? new Uint8Array())) {
    const parts = readElements(each.content);
    if (wanted.equals(parts[0]?.whole ?? new Uint8Array())) return parts.at(-1)?.content;
  }
  return undefined;
}

/** Four bytes, or sixteen with `::` written out. */
function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split("."), Number);
  const withHex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...octet: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = octet.map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = "", tail = ""] = withHex.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array.from({ length: missing }, () => "0"), ...groups(tail)];
  const bytes = Uint8Array.from(
    all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
  // Go writes an IPv4 address in IPv6 clothes with its four bytes.
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isMapped ? bytes.subarray(12) : bytes;
}
