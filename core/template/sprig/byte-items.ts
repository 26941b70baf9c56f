// Bytes as the list of numbers that a []byte is.

import { added, limitExceeded, maxVisits } from "../limits.ts";
import { GoInt, uint8Type } from "../value.ts";

/** A number for each byte, which takes many times the memory. Throws `LimitExceeded` for too many. */
export function byteItems(bytes: Uint8Array): GoInt[] {
  if (bytes.length > maxVisits) throw limitExceeded(`a list of more than ${maxVisits} bytes`);
  added(bytes.length);
  return Array.from(bytes, (byte) => new GoInt(byte, uint8Type));
}
