// Cryptography from node:crypto for the pure rooms that ask for it.

export { secureRandom, templateCrypto } from "./template-crypto.ts";
