// The annotation that lets a delivery's changes go in spite of the windows: who says so, why, until when.

import { cleanLine, Failure, type Manifest, formatRef, metadataMap, refOf } from "@plumbline/core/model";
import { overrideAnnotation } from "./api-group.ts";

/** Longest annotation that is read. */
export const maxOverrideText = 1000;

export interface Override {
  who: string;
  reason: string;
  /** Milliseconds since the epoch; from then on it does nothing. */
  until: number;
}

const form = `Write ${overrideAnnotation}: "who=<name>; reason=<why>; until=<RFC 3339 time>"`;
const parts = ["who", "reason", "until"] as const;
const instant = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/**
 * The override that a delivery carries: `who=anna; reason=line 3 is down; until=2026-12-24T18:00:00+01:00`, its parts in
 * any order, each once. Undefined without the annotation. Throws InvalidSpec when it cannot be read: it then overrides
 * nothing.
 */
export function readOverride(object: Manifest): Override | undefined {
  const text = metadataMap(object, "annotations")[overrideAnnotation];
  if (text === undefined) return undefined;
  const wrong = (message: string): Failure =>
    new Failure({
      reason: "InvalidSpec",
      message: `the override ${message}; it overrides nothing`,
      hint: form,
      where: { object: formatRef(refOf(object)), field: `metadata.annotations[${overrideAnnotation}]` },
      retry: "never",
    });
  if (text.length > maxOverrideText) throw wrong(`is longer than ${maxOverrideText} characters`);
  const found = new Map<string, string>();
  for (const piece of text.split(";")) {
    if (piece.trim() === "") continue;
    const equals = piece.indexOf("=");
    const key = piece.slice(0, Math.max(0, equals)).trim();
    if (!parts.some((part) => part === key)) throw wrong(`has a part that is none of ${parts.join(", ")}`);
    if (found.has(key)) throw wrong(`says ${key} twice`);
    found.set(key, piece.slice(equals + 1).trim());
  }
  const [who = "", reason = "", until = ""] = parts.map((part) => found.get(part));
  const missing = parts.find((part) => (found.get(part) ?? "") === "");
  if (missing !== undefined) throw wrong(`does not say ${missing}`);
  const ms = instant.test(until) ? Date.parse(until) : Number.NaN;
  if (Number.isNaN(ms)) throw wrong(`has no RFC 3339 time in until`);
  return { who: cleanLine(who), reason: cleanLine(reason), until: ms };
}
