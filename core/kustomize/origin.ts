// Where resources come from and what changed them: the origin and transformations annotations.

import type { JsonObject } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import { parseRepoUrl } from "./repo-url.ts";

export interface Origin {
  readonly path: string;
  readonly repo: string;
  readonly ref: string;
  readonly configuredIn: string;
  readonly configuredBy: { apiVersion: string; kind: string; name: string; namespace: string } | undefined;
}

export const ORIGIN_ANNOTATION = "config.kubernetes.io/origin";
export const TRANSFORMATIONS_ANNOTATION = "alpha.config.kubernetes.io/transformations";

export const rootOrigin: Origin = { path: "", repo: "", ref: "", configuredIn: "", configuredBy: undefined };

/** Go's `filepath.Join`: cleaned, `..` kept at the start. */
export function joinClean(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${base}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

/** The origin of what `path` names, seen from `origin`. */
export function appendOrigin(origin: Origin, path: string): Origin {
  const repo = parseRepoUrl(path);
  if (!repo) return { ...origin, path: joinClean(origin.path, path) };
  return { ...origin, repo: repo.cloneUrl, ref: repo.ref, path: joinClean("", repo.path) };
}

/** The origin of what a built-in field of the kustomization makes or changes. */
export function builtinOrigin(origin: Origin, kustomizationFile: string, kind: string): Origin {
  return {
    path: "",
    repo: origin.repo,
    ref: origin.ref,
    configuredIn: joinClean(origin.path, kustomizationFile),
    configuredBy: { apiVersion: "builtin", kind, name: "", namespace: "" },
  };
}

function originJson(origin: Origin): JsonObject {
  const json: JsonObject = {};
  if (origin.path) json["path"] = origin.path;
  if (origin.repo) json["repo"] = origin.repo;
  if (origin.ref) json["ref"] = origin.ref;
  if (origin.configuredIn) json["configuredIn"] = origin.configuredIn;
  const by = origin.configuredBy;
  if (!by) return json;
  const configuredBy: JsonObject = {};
  if (by.apiVersion) configuredBy["apiVersion"] = by.apiVersion;
  if (by.kind) configuredBy["kind"] = by.kind;
  if (by.name) configuredBy["name"] = by.name;
  if (by.namespace) configuredBy["namespace"] = by.namespace;
  if (Object.keys(configuredBy).length > 0) json["configuredBy"] = configuredBy;
  return json;
}

const FIELD_ORDER = ["path", "repo", "ref", "configuredIn", "configuredBy", "apiVersion", "kind", "name", "namespace"];

/** YAML in the order of the fields, as yaml.v3 writes a struct. */
function structYaml(json: JsonObject, indent: string): string {
  let lines = "";
  for (const field of FIELD_ORDER) {
    const value = json[field];
    if (value === undefined) continue;
    if (typeof value === "object") lines += `${indent}${field}:\n${structYaml(value as JsonObject, `${indent}  `)}`;
    else lines += `${indent}${toYaml({ [field]: value })}`;
  }
  return lines;
}

export function formatOrigin(origin: Origin): string {
  const text = structYaml(originJson(origin), "");
  return text === "" ? "{}\n" : text;
}

export function formatTransformations(list: readonly Origin[]): string {
  return list.map((origin) => `- ${structYaml(originJson(origin), "  ").slice(2)}`).join("");
}
