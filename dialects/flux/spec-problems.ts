// Reads the parts that every Flux object has, and turns what is wrong or not supported into one Failure.

import {
  digString,
  Failure,
  formatRef,
  isObject,
  type JsonObject,
  type Manifest,
  metadataMap,
  type Origin,
  own,
  refOf,
} from "@plumbline/core/model";
import { checkValue, type CrdDefinition, type Problem } from "@plumbline/core/crd";

/** What a new value of this annotation asks for: a run now. */
export const requestAnnotation = "reconcile.fluxcd.io/requestedAt";

export interface ObjectHead {
  origin: Origin;
  requestedAt: string | undefined;
  deleting: boolean;
}

export function headOf(object: Manifest): ObjectHead {
  const metadata = isObject(object.metadata) ? object.metadata : {};
  const generation = own(metadata, "generation");
  return {
    origin: {
      ...refOf(object),
      uid: digString(metadata, "uid") ?? "",
      resourceVersion: digString(metadata, "resourceVersion") ?? "",
      generation: typeof generation === "number" ? generation : 0,
    },
    requestedAt: metadataMap(object, "annotations")[requestAnnotation],
    deleting: typeof own(metadata, "deletionTimestamp") === "string",
  };
}

/**
 * The spec of an object with defaults filled in, checked against the definition.
 * Throws InvalidSpec (retry never) that names every field that is wrong.
 */
export function specOf(object: Manifest, definition: CrdDefinition): JsonObject {
  const apiVersion = `${definition.group}/${definition.version}`;
  if (object.kind !== definition.kind || object.apiVersion !== apiVersion) {
    throw invalidSpec(object, [
      { field: "apiVersion", message: `must be ${apiVersion} (kind ${definition.kind}), is ${said(object)}` },
    ]);
  }
  const { value, problems } = checkValue(definition.spec, own(object, "spec") ?? {}, "spec");
  if (problems.length > 0 || !isObject(value)) throw invalidSpec(object, problems);
  return value;
}

export function invalidSpec(object: Manifest, problems: Problem[]): Failure {
  const field = problems[0]?.field;
  return new Failure({
    reason: "InvalidSpec",
    message: problems.map((problem) => `${problem.field} ${problem.message}`).join("; "),
    hint: "Correct the object; nothing is tried until it changes",
    where: { object: formatRef(refOf(object)), ...(field === undefined ? {} : { field }) },
    retry: "never",
  });
}

/** A field of Flux's that this version does not act on, and what to do instead. */
export interface Unsupported {
  field: string;
  hint: string;
}

/** Throws UnsupportedField (retry never) when there is one: silence would be worse than standing still. */
export function refuseUnsupported(object: Manifest, found: Unsupported[]): void {
  const [first] = found;
  if (!first) return;
  const fields = found.map((entry) => entry.field);
  throw new Failure({
    reason: "UnsupportedField",
    message: `${fields.join(", ")}: not supported by this version; nothing of the object is done`,
    hint: first.hint,
    where: { object: formatRef(refOf(object)), field: first.field },
    retry: "never",
  });
}

function said(object: Manifest): string {
  return JSON.stringify(`${digString(object, "apiVersion") ?? ""} ${digString(object, "kind") ?? ""}`.slice(0, 120));
}
