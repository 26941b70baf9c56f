// Certificates for TLS tests: an authority of our own and certificates it signs (X.509 v3 in DER, RFC 5280).

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Certificate {
  /** PEM */
  cert: string;
  /** PEM, PKCS #8 */
  key: string;
}

export interface Authority extends Certificate {
  /** A certificate for host names and IPv4 addresses, signed by this authority. */
  issue(names: readonly string[], options?: { from?: Date; until?: Date }): Certificate;
}

type Der = Buffer;

function der(tag: number, ...contents: Der[]): Der {
  const body = Buffer.concat(contents);
  const length =
    body.length < 128
      ? Buffer.from([body.length])
      : body.length < 256
        ? Buffer.from([0x81, body.length])
        : Buffer.from([0x82, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

const sequence = (...contents: Der[]): Der => der(0x30, ...contents);
const integer = (bytes: Uint8Array): Der => der(0x02, Buffer.from(bytes));
const octets = (content: Der): Der => der(0x04, content);
const bits = (content: Uint8Array): Der => der(0x03, Buffer.from([0]), Buffer.from(content));
const tagged = (number: number, content: Der): Der => der(0xa0 + number, content);
const oid = (hex: string): Der => der(0x06, Buffer.from(hex, "hex"));
const yes = der(0x01, Buffer.from([0xff]));

const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
const commonName = (name: string): Der => sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(name)))));
const time = (date: Date): Der => der(0x18, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, "")));

function extension(id: string, critical: boolean, value: Der): Der {
  return sequence(oid(id), ...(critical ? [yes] : []), octets(value));
}

function alternativeNames(names: readonly string[]): Der {
  const entries = names.map((name) =>
    /^\d+\.\d+\.\d+\.\d+$/.test(name)
      ? der(0x87, Buffer.from(name.split(".").map(Number)))
      : der(0x82, Buffer.from(name)),
  );
  return extension("551d11", false, sequence(...entries));
}

interface Draft {
  subject: string;
  issuer: string;
  publicKey: KeyObject;
  from: Date;
  until: Date;
  extensions: Der[];
}

function signDraft(draft: Draft, issuerKey: KeyObject): string {
  const serial = randomBytes(8);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and never shortened
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serial),
    ecdsaWithSha256,
    commonName(draft.issuer),
    sequence(time(draft.from), time(draft.until)),
    commonName(draft.subject),
    draft.publicKey.export({ type: "spki", format: "der" }),
    tagged(3, sequence(...draft.extensions)),
  );
  const whole = sequence(body, ecdsaWithSha256, bits(sign("sha256", body, issuerKey)));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

const HOUR = 3_600_000;

/** Makes an authority that is valid for an hour around now. */
export function createAuthority(name = "Plumbline Test Authority"): Authority {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const [from, until] = [new Date(Date.now() - HOUR), new Date(Date.now() + HOUR)];
  const isAuthority = extension("551d13", true, sequence(yes));
  const maySign = extension("551d0f", true, der(0x03, Buffer.from([2, 0x04])));
  const draft = { subject: name, issuer: name, publicKey: pair.publicKey, from, until };
  return {
    cert: signDraft({ ...draft, extensions: [isAuthority, maySign] }, pair.privateKey),
    key: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    issue(names, options = {}) {
      const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const cert = signDraft(
        {
          subject: names[0] ?? "nobody",
          issuer: name,
          publicKey: own.publicKey,
          from: options.from ?? from,
          until: options.until ?? until,
          extensions: [alternativeNames(names)],
        },
        pair.privateKey,
      );
      return { cert, key: own.privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
    },
  };
}
