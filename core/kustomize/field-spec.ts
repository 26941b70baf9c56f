// Field specs: which field of which kinds a transform changes.

import { buildFailure } from "./failures.ts";
import { isSelected, type KindSelector } from "./gvk.ts";
import type { FieldSpecSettings } from "./kustomization.ts";

/** One step of a path; `list` for the `[]` suffix. */
export interface PathStep {
  readonly name: string;
  readonly list: boolean;
}

export interface FieldSpec extends KindSelector {
  readonly path: string;
  /** Make the field where it is absent. */
  readonly create: boolean;
  readonly steps: readonly PathStep[];
}

/** Splits at `/`; `\/` stands for a slash inside a part, a leading slash is dropped. */
export function splitPath(path: string, delimiter = "/"): string[] {
  let parts = path.split(delimiter);
  if (parts.length > 1 && parts[0] === "") parts = parts.slice(1);
  const result = [parts[0] as string];
  for (const part of parts.slice(1)) {
    const last = result.at(-1) as string;
    if (last.endsWith("\\")) result[result.length - 1] = last.slice(0, -1) + delimiter + part;
    else result.push(part);
  }
  return result;
}

export function makeFieldSpec(settings: Partial<FieldSpecSettings>): FieldSpec {
  const { group = "", version = "", kind = "", path = "", create = false } = settings;
  const steps = splitPath(path).map((part) => ({ name: part.replace(/\[\]$/, ""), list: part.endsWith("[]") }));
  return { group, version, kind, path, create, steps };
}

/** Adds one spec unless an equal or wider one is there. Throws `Failure` when the two disagree on `create`. */
export function mergeFieldSpec(specs: readonly FieldSpec[], incoming: FieldSpec): readonly FieldSpec[] {
  const known = specs.find((spec) => spec.path === incoming.path && isSelected(spec, incoming));
  if (!known) return [...specs, incoming];
  if (known.create === incoming.create) return specs;
  throw buildFailure(
    `conflicting fieldspecs for ${incoming.path}`,
    { field: incoming.path },
    "Use the same `create` in both field specs.",
  );
}

export function mergeFieldSpecs(specs: readonly FieldSpec[], incoming: readonly FieldSpec[]): readonly FieldSpec[] {
  if (specs === incoming || incoming.length === 0) return specs;
  let result = specs;
  for (const spec of incoming) result = mergeFieldSpec(result, spec);
  return result;
}
