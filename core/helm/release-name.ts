// Names of releases: which are allowed, and names from templates.

import { compile, type FunctionTable, quote } from "@plumbline/core/template";
import { valuesInvalid } from "./failure.ts";

const maxLength = 53;
const pattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Throws `ValuesInvalid` with Helm's words for a name that a release cannot have. */
export function checkReleaseName(name: string): void {
  const prefix = `release name check failed: release name ${quote(name)}: `;
  if (name === "") throw valuesInvalid(`${prefix}no name provided`);
  if (name.length <= maxLength && pattern.test(name)) return;
  throw valuesInvalid(
    `${prefix}invalid release name, must match regex ${pattern.source} and the length must not be longer than ${maxLength}`,
  );
}

/** `--name-template`: the name that a template gives. */
export function nameFromTemplate(text: string, functions: FunctionTable): string {
  return compile(text, { name: "name-template", functions }).execute(undefined);
}
