// Flux's post-build substitution of one object.

import {
  Failure,
  type JsonValue,
  type Manifest,
  type Where,
  asFailure,
  digString,
  formatRef,
  gvkOf,
  isObject,
  metadataMap,
  refOf,
} from "@plumbline/core/model";
import { parseYaml, toYaml } from "@plumbline/core/yaml";
import { substituteText } from "./substitute-text.ts";
import { checkNames } from "./variables.ts";

/** A label or annotation with this key and the value `disabled` keeps an object as it is. */
export const SUBSTITUTE_KEY = "kustomize.toolkit.fluxcd.io/substitute";

export interface SubstituteOptions {
  /** Unset variables without a default are errors (Flux's default since 2.9). */
  strict?: boolean;
  /** Also run without any variable (`substituteStrategy: Always`). */
  always?: boolean;
  /** Where the object comes from, for failures. */
  file?: string | undefined;
}

/**
 * The object after substitution: its YAML (sorted keys, no comments) is rewritten as text and read again, so that
 * `${REPLICAS}` becomes a number and an empty value null. The same object comes back when nothing is to be done.
 * Throws `Failure("BuildFailed")` that names the object, the field and the variable.
 */
export function substituteManifest(
  manifest: Manifest,
  variables: ReadonlyMap<string, string>,
  options: SubstituteOptions = {},
): Manifest {
  if (isDisabled(manifest)) return manifest;
  if (variables.size === 0 && options.always !== true) return manifest;
  const prefix = `post build failed for '${kindName(manifest)}/${digString(manifest, "metadata", "name") ?? ""}': envsubst error: `;
  checkNames(variables, prefix);
  if (!hasDollar(manifest)) return manifest;
  const where: Where = { object: formatRef(refOf(manifest)) };
  if (options.file !== undefined) where.file = options.file;
  try {
    const text = substituteText(toYaml(manifest), variables, { strict: options.strict ?? true, where, prefix });
    return readBack(text, prefix, where);
  } catch (error) {
    throw withField(asFailure(error), manifest);
  }
}

function readBack(text: string, prefix: string, where: Where): Manifest {
  let value: JsonValue;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw new Failure({
      reason: "BuildFailed",
      message: `${prefix}YAMLToJSON: ${asFailure(error).message}`,
      hint: "Quote the expression in the manifest, or change the value: with it the object is no valid YAML.",
      where,
      cause: error,
    });
  }
  if (isObject(value)) return value;
  throw new Failure({
    reason: "BuildFailed",
    message: `${prefix}the object is no mapping after substitution`,
    hint: "Change the value of the variable.",
    where,
  });
}

function isDisabled(manifest: Manifest): boolean {
  const marks = [metadataMap(manifest, "labels"), metadataMap(manifest, "annotations")];
  return marks.some((map) => Object.hasOwn(map, SUBSTITUTE_KEY) && map[SUBSTITUTE_KEY] === "disabled");
}

/** `Deployment.v1.apps`, as kustomize names a kind. */
function kindName(manifest: Manifest): string {
  const { group, version, kind } = gvkOf(manifest);
  return `${kind || "[noKind]"}.${version || "[noVer]"}.${group || "[noGrp]"}`;
}

function hasDollar(value: JsonValue): boolean {
  if (typeof value === "string") return value.includes("$");
  if (Array.isArray(value)) return value.some(hasDollar);
  if (!isObject(value)) return false;
  return Object.keys(value).some((key) => key.includes("$") || hasDollar(value[key] as JsonValue));
}

/** Adds the field whose text holds the variable or expression that the failure is about. */
function withField(failure: Failure, manifest: Manifest): Failure {
  const about = /variable not set \(strict mode\): "([^"]*)"|expression at `([^`]*)`/.exec(
    `${failure.message} ${failure.hint ?? ""}`,
  );
  if (!about) return failure;
  const name = about[1];
  const wanted = name === undefined ? (about[2] as string).slice(0, 12) : undefined;
  const matches = (text: string): boolean =>
    wanted === undefined ? new RegExp(`\\$\\{#?${name}(?![\\p{L}\\p{Nd}_])`, "u").test(text) : text.includes(wanted);
  const field = findField(manifest, matches, "");
  if (field === undefined) return failure;
  return new Failure({
    reason: failure.reason,
    message: failure.message,
    ...(failure.hint !== undefined && { hint: failure.hint }),
    where: { ...failure.where, field },
    cause: failure.cause,
  });
}

function findField(value: JsonValue, matches: (text: string) => boolean, path: string): string | undefined {
  if (typeof value === "string") return matches(value) ? path : undefined;
  if (value === null || typeof value !== "object") return undefined;
  const entries: [string, JsonValue][] = Array.isArray(value)
    ? value.map((item, i) => [`${path}[${i}]`, item])
    : Object.keys(value).map((key) => [path === "" ? key : `${path}.${key}`, value[key] as JsonValue]);
  for (const [at, item] of entries) {
    const found = findField(item, matches, at);
    if (found !== undefined) return found;
  }
  return undefined;
}
