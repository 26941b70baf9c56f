// sprig's functions over a clock that stands still and a source of numbers that repeats: for tests.

import { sprigFunctions } from "../sprig/functions.ts";
import type { Crypto } from "../sprig/crypto.ts";

const refuse = (): never => {
  throw new RangeError("tests of this room have no cryptography");
};

const noCrypto: Crypto = {
  hash: refuse,
  hmacSha256: refuse,
  scrypt: refuse,
  encryptAes: refuse,
  decryptAes: refuse,
  bcrypt: refuse,
  generateKey: refuse,
  normalizeKey: refuse,
  checkCertificate: refuse,
  signCertificate: refuse,
};

/** 2025-07-20 08:26:40 UTC. */
export const nowSeconds = 1_753_000_000;

export const fixedFunctions = sprigFunctions({
  now: () => BigInt(nowSeconds) * 1_000_000_000n,
  random: (count) => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 256),
  crypto: noCrypto,
});
