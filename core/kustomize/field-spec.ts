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
  let steps: readonly PathStep[] | undefined;
  // Most of the default specs are of kinds that a build does not have.
  return {
    group,
    version,
    kind,
    path,
    create,
    get steps() {
      return (steps ??= splitPath(path).map(makeStep));
    },
  };
}

function makeStep(part: string): PathStep {
  return part.endsWith("[]") ? { name: part.slice(0, -2), list: true } : { name: part, list: false };
}

/** Adds one spec unless an equal or wider one is there. Throws `Failure` when the two disagree on `create`. */
export function mergeFieldSpec(specs: readonly FieldSpec[], incoming: FieldSpec): readonly FieldSpec[] {
  return isCovered(specs, incoming) ? specs : [...specs, incoming];
}

function isCovered(specs: readonly FieldSpec[], incoming: FieldSpec): boolean {
  const known = specs.find((spec) => spec.path === incoming.path && isSelected(spec, incoming));
  if (!known) return false;
  if (known.create === incoming.create) return true;
  throw buildFailure(
    `conflicting fieldspecs for ${incoming.path}`,
    { field: incoming.path },
    "Use the same `create` in both field specs.",
  );
}

export function mergeFieldSpecs(specs: readonly FieldSpec[], incoming: readonly FieldSpec[]): readonly FieldSpec[] {
  if (specs === incoming || incoming.length === 0) return specs;
  const result = [...specs];
  for (const spec of incoming) if (!isCovered(result, spec)) result.push(spec);
  return result;
}
