// Values of Secrets that were substituted must not come out in an error that quotes the object they were put into.

import { type Delivery, Failure, isObject } from "@plumbline/core/model";
import type { NamedObjects } from "../watch/named-objects.ts";
import { refOfData } from "./variables.ts";

/** Shorter values (`1`, `true`, `dev`) are no secrets, and hiding them would spoil every message. */
const MIN_LENGTH = 4;
const MASK = "***";

/** The failure with every value of the delivery's substitution Secrets hidden, however it was quoted. */
export async function maskSecrets(failure: Failure, delivery: Delivery, named: NamedObjects): Promise<Failure> {
  const refs = delivery.substitution?.from.filter(({ kind }) => kind === "Secret") ?? [];
  if (refs.length === 0) return failure;
  // A Secret that cannot be read now was not substituted either.
  const secrets = await Promise.all(refs.map((ref) => named.value(refOfData(ref)).catch(() => undefined)));
  return maskValues(
    failure,
    secrets.flatMap((secret) => encodedValues(secret?.data)),
  );
}

/** Pure part: `encoded` are base64 texts, as a Secret's `data` has them. */
export function maskValues(failure: Failure, encoded: readonly string[]): Failure {
  const values = encoded.flatMap(spellings).sort((a, b) => b.length - a.length);
  const hide = (text: string): string => values.reduce((rest, value) => rest.replaceAll(value, MASK), text);
  const message = hide(failure.message);
  const { where, hint, reason, retry, cause } = failure;
  const shown =
    where && Object.fromEntries(Object.entries(where).map(([k, v]) => [k, typeof v === "string" ? hide(v) : v]));
  const isSame = message === failure.message && JSON.stringify(shown) === JSON.stringify(where);
  if (isSame) return failure;
  const parts = { reason, message, retry, ...(shown ? { where: shown } : {}), ...(hint ? { hint: hide(hint) } : {}) };
  // The cause may hold the text of the API server: it goes as well.
  return new Failure(cause instanceof Failure ? { ...parts, cause: maskValues(cause, encoded) } : parts);
}

function encodedValues(data: unknown): string[] {
  return isObject(data) ? Object.values(data).filter((value) => typeof value === "string") : [];
}

/** As it stands, each of its lines, quoted by Go or JSON, and in base64. */
function spellings(encoded: string): string[] {
  const text = decode(encoded);
  if (text === undefined) return [];
  const lines = text.includes("\n") ? [text.replaceAll("\n", ""), ...text.split("\n")] : [];
  const all = [text, ...lines].flatMap((one) => [one, JSON.stringify(one).slice(1, -1)]);
  return [...new Set([...all, encoded])].filter(({ length }) => length >= MIN_LENGTH);
}

function decode(encoded: string): string | undefined {
  try {
    return new TextDecoder().decode(Uint8Array.fromBase64(encoded));
  } catch {
    return undefined; // not base64: it was not substituted
  }
}
