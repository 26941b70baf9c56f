// A live object put aside until its delivery looks at it: as text, which takes a fraction of the parsed object's memory.

import { type Manifest, isObject } from "@plumbline/core/model";

/** Text, or the object itself where JSON would lose something of it (integers beyond ±2^53) or cannot write it. */
export type KeptObject = string | Manifest;

export function keepObject(object: Manifest): KeptObject {
  try {
    return JSON.stringify(object);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return object; // a bigint; nested too deep
    throw error;
  }
}

/** The object again; each call parses anew. */
export function keptObject(kept: KeptObject): Manifest {
  return typeof kept === "string" ? (JSON.parse(kept) as Manifest) : kept;
}

/** For dialect objects, of which a thousand are kept: who owns which field of their spec is not asked. */
export function withoutManagedFields(object: Manifest): Manifest {
  if (!isObject(object.metadata)) return object;
  const { managedFields: _dropped, ...metadata } = object.metadata;
  return { ...object, metadata };
}
