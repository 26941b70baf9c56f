// Chart.yaml into Metadata, with Go's conversions, checks and messages.

import { isObject, type JsonObject, type JsonValue, own } from "@plumbline/core/model";
import { parseVersion } from "@plumbline/core/semver";
import { fromJson, quote, sprintf } from "@plumbline/core/template";
import type { Dependency, Maintainer, Metadata } from "./chart.ts";
import { chartInvalid } from "./failure.ts";

/** What a field of a Go string takes from YAML: numbers and booleans become text. */
export function textOf(json: JsonValue | undefined, field: string): string {
  if (json === undefined || json === null) return "";
  if (typeof json === "string") return json;
  if (typeof json === "boolean" || typeof json === "bigint") return String(json);
  if (typeof json === "number")
    return Number.isInteger(json) && Math.abs(json) < 1e21 ? String(json) : sprintf("%v", [json]);
  const kind = Array.isArray(json) ? "array" : "object";
  throw mismatch(kind, field, "string");
}

function mismatch(kind: string, field: string, type: string): Error {
  return chartInvalid(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go struct field ${field} of type ${type}`,
  );
}

function listOf<T>(json: JsonValue | undefined, field: string, type: string, read: (item: JsonValue) => T): T[] {
  if (json === undefined || json === null) return [];
  if (!Array.isArray(json)) throw mismatch(kindOfJson(json), field, type);
  return json.map(read);
}

function kindOfJson(json: JsonValue): string {
  if (typeof json === "string") return "string";
  if (typeof json === "boolean") return "bool";
  if (typeof json === "number" || typeof json === "bigint") return "number";
  return Array.isArray(json) ? "array" : "object";
}

const texts = (json: JsonValue | undefined, field: string): string[] =>
  listOf(json, field, "[]string", (item) => textOf(item, field));

function flag(json: JsonValue | undefined, field: string): boolean {
  if (json === undefined || json === null) return false;
  if (typeof json === "boolean") return json;
  throw mismatch(kindOfJson(json), field, "bool");
}

function textMap(json: JsonValue | undefined, field: string): Record<string, string> | undefined {
  if (json === undefined || json === null) return undefined;
  if (!isObject(json)) throw mismatch(kindOfJson(json), field, "map[string]string");
  const entries = Object.keys(json).map((key): [string, string] => [key, textOf(own(json, key), field)]);
  return Object.fromEntries(entries);
}

const emptyMetadata: Metadata = {
  name: "",
  home: "",
  sources: [],
  version: "",
  description: "",
  keywords: [],
  maintainers: [],
  icon: "",
  apiVersion: "",
  condition: "",
  tags: "",
  appVersion: "",
  deprecated: false,
  annotations: undefined,
  kubeVersion: "",
  dependencies: undefined,
  type: "",
};

const textFields = [
  "name",
  "home",
  "version",
  "description",
  "icon",
  "apiVersion",
  "condition",
  "tags",
  "appVersion",
  "kubeVersion",
  "type",
] as const;

/** Reads a parsed Chart.yaml or requirements.yaml over what is known already. */
export function readMetadata(json: JsonValue, known: Metadata = emptyMetadata): Metadata {
  if (json === null) return { ...known };
  if (!isObject(json)) {
    throw chartInvalid(
      `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kindOfJson(json)} into Go value of type chart.Metadata`,
    );
  }
  const metadata = { ...known };
  for (const field of textFields) {
    if (Object.hasOwn(json, field)) metadata[field] = textOf(json[field], `Metadata.${field}`);
  }
  const has = (field: string): boolean => Object.hasOwn(json, field);
  if (has("sources")) metadata.sources = texts(json.sources, "Metadata.sources");
  if (has("keywords")) metadata.keywords = texts(json.keywords, "Metadata.keywords");
  if (has("deprecated")) metadata.deprecated = flag(json.deprecated, "Metadata.deprecated");
  if (has("annotations")) metadata.annotations = textMap(json.annotations, "Metadata.annotations");
  if (has("maintainers")) {
    metadata.maintainers = listOf(json.maintainers, "Metadata.maintainers", "[]*chart.Maintainer", readMaintainer);
  }
  if (has("dependencies")) {
    metadata.dependencies =
      json.dependencies === null || json.dependencies === undefined
        ? undefined
        : listOf(json.dependencies, "Metadata.dependencies", "[]*chart.Dependency", readDependency);
  }
  return metadata;
}

function objectItem(item: JsonValue, what: string): JsonObject {
  if (isObject(item)) return item;
  throw chartInvalid(`validation: ${what} must not contain empty or null nodes`);
}

function readMaintainer(item: JsonValue): Maintainer {
  const json = objectItem(item, "maintainers");
  const text = (field: string): string => textOf(own(json, field), `Maintainer.maintainers.${field}`);
  return { name: text("name"), email: text("email"), url: text("url") };
}

function readDependency(item: JsonValue): Dependency {
  const json = objectItem(item, "dependencies");
  const text = (field: string): string => textOf(own(json, field), `Dependency.dependencies.${field}`);
  const imports = own(json, "import-values");
  return {
    name: text("name"),
    version: text("version"),
    repository: text("repository"),
    condition: text("condition"),
    tags: texts(own(json, "tags"), "Dependency.dependencies.tags"),
    enabled: flag(own(json, "enabled"), "Dependency.dependencies.enabled"),
    importValues: listOf(imports, "Dependency.dependencies.import-values", "[]interface {}", fromJson),
    alias: text("alias"),
  };
}

/** Control characters go, white space becomes spaces. */
function sanitize(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  return text.replaceAll(/[\s\u0085]/gu, " ").replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "");
}

/** Cleans the texts and checks the rules of Chart.yaml. Throws `ChartInvalid` with Helm's words. */
export function validateMetadata(metadata: Metadata): Metadata {
  const refuse = (message: string): never => {
    throw chartInvalid(`validation: ${message}`, "Chart.yaml");
  };
  const clean = {
    ...metadata,
    name: sanitize(metadata.name),
    description: sanitize(metadata.description),
    home: sanitize(metadata.home),
    icon: sanitize(metadata.icon),
    condition: sanitize(metadata.condition),
    tags: sanitize(metadata.tags),
    appVersion: sanitize(metadata.appVersion),
    kubeVersion: sanitize(metadata.kubeVersion),
    sources: metadata.sources.map(sanitize),
    keywords: metadata.keywords.map(sanitize),
  };
  const { name, version, type } = clean;
  if (clean.apiVersion === "") refuse("chart.metadata.apiVersion is required");
  if (name === "") refuse("chart.metadata.name is required");
  if (name === "." || name === "..") refuse(`chart.metadata.name ${quote(name)} is not allowed`);
  if (name.includes("/")) refuse(`chart.metadata.name ${quote(name)} is invalid`);
  if (version === "") refuse("chart.metadata.version is required");
  if (!isVersion(version)) refuse(`chart.metadata.version ${quote(version)} is invalid`);
  if (type !== "" && type !== "application" && type !== "library") {
    refuse("chart.metadata.type must be application or library");
  }
  checkAliases(clean.dependencies ?? [], refuse);
  return clean;
}

function checkAliases(dependencies: Dependency[], refuse: (message: string) => never): void {
  const seen = new Set<string>();
  for (const { name, alias } of dependencies) {
    if (alias !== "" && !/^[a-zA-Z0-9_-]+$/.test(alias)) {
      refuse(`dependency ${quote(name)} has disallowed characters in the alias`);
    }
    const key = alias === "" ? name : alias;
    if (seen.has(key)) refuse(`more than one dependency with name or alias ${quote(key)}`);
    seen.add(key);
  }
}

function isVersion(text: string): boolean {
  return !("error" in parseVersion(text));
}
