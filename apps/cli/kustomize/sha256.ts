// SHA-256 of short texts without node:crypto, whose loading takes longer than a small build.

import { createHash } from "node:crypto";
import { sha256 as hash } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** Beyond so many characters in one process, loading node:crypto pays off. */
const SHORT = 4_096;
let left = SHORT;

/** Of the text's UTF-8 bytes, as lower-case hex. */
export function sha256(text: string): string {
  left -= text.length;
  return left >= 0 ? bytesToHex(hash(new TextEncoder().encode(text))) : createHash("sha256").update(text).digest("hex");
}
