// What templates get from the cryptography: certificates that verify, keys that Go can read, hashes that check.

import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { test } from "node:test";
import bcrypt from "bcryptjs";
import { Failure } from "@plumbline/core/model";
import { compile, sprigFunctions } from "@plumbline/core/template";
import { secureRandom, templateCrypto } from "./index.ts";

const functions = sprigFunctions({
  now: () => 1_700_000_000_000_000_000n,
  random: secureRandom,
  crypto: templateCrypto,
});
const run = (source: string): string => compile(source, { name: "t", functions }).execute(undefined);
const key = run('{{ genPrivateKey "ecdsa" }}');
const given = JSON.stringify(key);

test("an authority and what it signs verify, with names, addresses and times", () => {
  const [ca = "", leaf = "", caKey = ""] = run(
    `{{ $ca := genCAWithKey "my ca" 10 ${given} }}{{ $c := genSignedCertWithKey "leaf é" (list "10.0.0.1" "::1" "::ffff:1.2.3.4") (list "a.example" "*.b") 5 $ca ${given} }}{{ $ca.Cert }}|{{ $c.Cert }}|{{ $ca.Key }}`,
  ).split("|");
  const authority = new X509Certificate(ca);
  const certificate = new X509Certificate(leaf);
  assert.ok(authority.ca && !certificate.ca);
  assert.ok(authority.verify(authority.publicKey) && certificate.verify(authority.publicKey));
  assert.ok(certificate.checkIssued(authority) && certificate.checkPrivateKey(createPrivateKey(caKey)));
  assert.equal(certificate.subject, "CN=leaf é");
  assert.equal(certificate.issuer, "CN=my ca");
  assert.equal(
    certificate.subjectAltName,
    "DNS:a.example, DNS:*.b, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:1.2.3.4",
  );
  assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  assert.equal(certificate.validFrom, "Nov 14 22:13:20 2023 GMT");
  assert.equal(certificate.validTo, "Nov 19 22:13:20 2023 GMT");
});

test("a certificate that signs itself, valid beyond 2049", () => {
  const certificate = new X509Certificate(run(`{{ (genSelfSignedCertWithKey "x" nil nil 20000 ${given}).Cert }}`));
  assert.ok(certificate.verify(certificate.publicKey));
  assert.match(certificate.validTo, /2078 GMT$/);
});

test("keys come in Go's PEM forms", () => {
  assert.match(key, /^-----BEGIN EC PRIVATE KEY-----\n/);
  const ed25519 = run('{{ genPrivateKey "ed25519" }}');
  assert.match(ed25519, /^-----BEGIN PRIVATE KEY-----\n/);
  assert.equal(templateCrypto.normalizeKey(ed25519), ed25519);
  const rsa = templateCrypto.generateKey("rsa", 1024);
  assert.match(rsa, /^-----BEGIN RSA PRIVATE KEY-----\n/);
  assert.equal(
    templateCrypto.normalizeKey(String(createPrivateKey(rsa).export({ type: "pkcs8", format: "pem" }))),
    rsa,
  );
});

test("what is no key or certificate is refused", () => {
  for (const bad of [
    "",
    "x",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
  ]) {
    assert.throws(() => templateCrypto.normalizeKey(bad), Failure);
    assert.throws(() => templateCrypto.checkCertificate(bad), Failure);
  }
});

test("hashes, derived passwords and encryption are Go's", () => {
  assert.equal(run('{{ sha256sum "x" }}'), "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
  assert.equal(run('{{ derivePassword 1 "long" "password" "user" "example.com" }}'), "ZedaFaxcZaso9*");
  assert.equal(run('{{ decryptAES "secretkey" "30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ=" }}'), "plaintext");
  assert.equal(run('{{ encryptAES "k" "hello é" | decryptAES "k" }}'), "hello é");
});

test("htpasswd writes what bcrypt checks", () => {
  const [user = "", hash = ""] = run('{{ htpasswd "ada" "secret" }}').split(":");
  assert.equal(user, "ada");
  assert.match(hash, /^\$2a\$10\$/);
  assert.ok(bcrypt.compareSync("secret", hash));
  assert.match(run(`{{ bcrypt "${"x".repeat(73)}" }}`), /exceeds 72 bytes/);
});
