// The variables of a substitution: where they come from, which names are allowed.

import { Failure } from "@plumbline/core/model";

const NAME = /^[_A-Za-z][_A-Za-z0-9]*$/;
const PATTERN = "^[_[:alpha:]][_[:alpha:][:digit:]]*$";

/**
 * Joins sources in order, later ones win; the inline values come last. Line feeds are removed from values, as Flux
 * does. Secrets come decoded.
 */
export function mergeVariables(
  sources: readonly Readonly<Record<string, string>>[],
  inline: Readonly<Record<string, string>> = {},
): Map<string, string> {
  const variables = new Map<string, string>();
  for (const source of [...sources, inline]) {
    for (const [name, value] of Object.entries(source)) variables.set(name, value.replaceAll("\n", ""));
  }
  return variables;
}

/** Throws `Failure("BuildFailed")` for the first name, in order of names, that is not allowed. */
export function checkNames(variables: ReadonlyMap<string, string>, prefix = ""): void {
  const bad = [...variables.keys()].filter((name) => !NAME.test(name)).sort();
  if (bad[0] === undefined) return;
  throw new Failure({
    reason: "BuildFailed",
    message: `${prefix}'${bad[0]}' var name is invalid, must match '${PATTERN}'`,
    hint: `Rename the key in postBuild.substitute or in the object that substituteFrom names: ${bad.join(", ")}.`,
  });
}
