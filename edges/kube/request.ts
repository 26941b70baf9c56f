// From an operation to the HTTP request that carries it: pure, one place for every kind and verb.

import { digString, Failure, formatRef, type JsonValue, type Manifest } from "@plumbline/core/model";
import { formatJson } from "./json.ts";
import type {
  ApplyOptions,
  DeleteOptions,
  ListOptions,
  Patch,
  PatchOptions,
  ResourceInfo,
  UpdateOptions,
  WriteOptions,
} from "./kube-client.ts";

/** What a request is about, for records, messages and redaction. */
export interface Subject {
  verb: string;
  group: string;
  version: string;
  kind: string;
  /** Plural, with `/subresource`. */
  resource: string;
  namespace: string;
  name: string;
  dryRun: boolean;
}

export interface KubeRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With the query. */
  path: string;
  accept: string;
  contentType?: string;
  body?: string;
  subject: Subject;
  /** The answer may be 304 when this is still the content's tag. */
  ifNoneMatch?: string;
  /** True when sending it twice does no harm, so that a broken connection may be retried. */
  repeatable: boolean;
}

interface Target {
  resource: ResourceInfo;
  namespace: string;
  name: string;
}

/** The parameters of a watch beside its selectors. */
export interface WatchStart {
  resourceVersion?: string;
  sendInitialEvents?: boolean;
  timeoutSeconds?: number;
}

interface Selectors {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  metadataOnly?: boolean;
}

export type Operation =
  | ({ verb: "get"; metadataOnly?: boolean } & Target)
  | { verb: "list"; resource: ResourceInfo; options: ListOptions }
  | { verb: "watch"; resource: ResourceInfo; selectors: Selectors; start: WatchStart }
  | ({ verb: "create"; object: Manifest; options: WriteOptions } & Target)
  | ({ verb: "update"; object: Manifest; options: UpdateOptions } & Target)
  | ({ verb: "apply"; object: Manifest; options: ApplyOptions } & Target)
  | ({ verb: "patch"; patch: Patch; options: PatchOptions } & Target)
  | ({ verb: "delete"; options: DeleteOptions } & Target);

const json = "application/json";
const metadataJson = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
const metadataListJson = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
const patchTypes = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
} as const;

/**
 * The request of an operation. Throws `Failure` (`InvalidSpec`) for a namespaced kind without namespace and for names
 * that would change the meaning of the path.
 */
export function buildRequest(operation: Operation): KubeRequest {
  switch (operation.verb) {
    case "get": {
      const { resource, metadataOnly } = operation;
      return {
        ...bodiless("GET", objectPath(operation), subjectOf("get", operation)),
        accept: metadataOnly && resource.kind !== "" ? metadataJson : json,
      };
    }
    case "list":
      return buildList(operation.resource, operation.options);
    case "watch":
      return buildWatch(operation.resource, operation.selectors, operation.start);
    case "delete":
      return buildDelete(operation, operation.options);
    default:
      return buildWrite(operation);
  }
}

/** A GET of a path that is no object: discovery, version, OpenAPI. */
export function buildPathRequest(path: string, options: { accept?: string; ifNoneMatch?: string } = {}): KubeRequest {
  const resource = path.split("?", 1)[0] ?? path;
  const subject = { verb: "get", group: "", version: "", kind: "", resource, namespace: "", name: "", dryRun: false };
  return { ...bodiless("GET", path, subject), accept: json, ...options };
}

function buildList(resource: ResourceInfo, options: ListOptions): KubeRequest {
  const query = new Query();
  addSelectors(query, options);
  query.add("limit", options.limit);
  query.add("continue", options.continue);
  query.add("resourceVersion", options.resourceVersion);
  query.add("resourceVersionMatch", options.resourceVersionMatch);
  const namespace = options.namespace ?? "";
  const subject = subjectOf("list", { resource, namespace, name: "" });
  return {
    ...bodiless("GET", collectionPath(resource, namespace) + query.text, subject),
    accept: options.metadataOnly ? metadataListJson : json,
  };
}

function buildWatch(resource: ResourceInfo, selectors: Selectors, start: WatchStart): KubeRequest {
  const query = new Query();
  query.add("watch", "true");
  query.add("allowWatchBookmarks", "true");
  addSelectors(query, selectors);
  if (start.sendInitialEvents) {
    query.add("sendInitialEvents", "true");
    query.add("resourceVersionMatch", "NotOlderThan");
  }
  query.add("resourceVersion", start.resourceVersion);
  query.add("timeoutSeconds", start.timeoutSeconds);
  const namespace = selectors.namespace ?? "";
  const subject = subjectOf("watch", { resource, namespace, name: "" });
  return {
    ...bodiless("GET", collectionPath(resource, namespace) + query.text, subject),
    accept: selectors.metadataOnly ? metadataJson : json,
  };
}

function buildDelete(target: Target, options: DeleteOptions): KubeRequest {
  const body: { [key: string]: JsonValue } = { apiVersion: "v1", kind: "DeleteOptions" };
  if (options.propagationPolicy) body["propagationPolicy"] = options.propagationPolicy;
  if (options.gracePeriodSeconds !== undefined) body["gracePeriodSeconds"] = options.gracePeriodSeconds;
  if (options.preconditions) body["preconditions"] = { ...options.preconditions };
  if (options.dryRun) body["dryRun"] = ["All"];
  return {
    method: "DELETE",
    path: objectPath(target),
    accept: options.metadataOnly ? metadataJson : json,
    contentType: json,
    body: formatJson(body),
    subject: { ...subjectOf("delete", target), dryRun: options.dryRun === true },
    repeatable: true,
  };
}

type Write = Extract<Operation, { verb: "create" | "update" | "apply" | "patch" }>;

function buildWrite(operation: Write): KubeRequest {
  const { verb, options, resource } = operation;
  const query = new Query();
  query.add("fieldManager", options.fieldManager);
  if (verb === "apply" && operation.options.force) query.add("force", "true");
  if (options.dryRun) query.add("dryRun", "All");
  query.add("fieldValidation", options.fieldValidation);
  const subresource = verb === "create" ? undefined : operation.options.subresource;
  const path =
    verb === "create"
      ? collectionPath(resource, requiredNamespace(operation))
      : objectPath(operation) + (subresource ? `/${subresource}` : "");
  const dryRun = options.dryRun === true;
  return {
    method: verb === "create" ? "POST" : verb === "update" ? "PUT" : "PATCH",
    path: path + query.text,
    accept: options.metadataOnly ? metadataJson : json,
    contentType:
      verb === "apply" ? "application/apply-patch+yaml" : verb === "patch" ? patchTypes[operation.patch.type] : json,
    body: formatJson(verb === "patch" ? operation.patch.body : operation.object),
    subject: { ...subjectOf(verb, operation, subresource), dryRun },
    repeatable: dryRun || verb === "apply" || (verb === "patch" && operation.patch.type !== "json"),
  };
}

function bodiless(method: "GET", path: string, subject: Subject): Omit<KubeRequest, "accept"> {
  return { method, path, subject, repeatable: true };
}

function subjectOf(verb: string, target: Target, subresource?: string): Subject {
  const { group, version, kind, plural, namespaced } = target.resource;
  return {
    verb,
    group,
    version,
    kind,
    resource: subresource ? `${plural}/${subresource}` : plural,
    namespace: namespaced ? target.namespace : "",
    name: target.name,
    dryRun: false,
  };
}

function collectionPath(resource: ResourceInfo, namespace: string): string {
  const { group, version, plural, namespaced } = resource;
  const root = group === "" ? `/api/${segment(version)}` : `/apis/${segment(group)}/${segment(version)}`;
  const scope = namespaced && namespace !== "" ? `/namespaces/${segment(namespace)}` : "";
  return `${root}${scope}/${segment(plural)}`;
}

function objectPath(target: Target): string {
  const { resource, name } = target;
  if (name === "") throw invalid(target, "has no name", "Set metadata.name.");
  return `${collectionPath(resource, requiredNamespace(target))}/${segment(name)}`;
}

function requiredNamespace(target: Target): string {
  if (!target.resource.namespaced) return "";
  if (target.namespace === "")
    throw invalid(target, "has no namespace but its kind needs one", "Set metadata.namespace.");
  return target.namespace;
}

function invalid(target: Target, what: string, hint: string): Failure {
  const object = formatRef({ kind: target.resource.kind, namespace: target.namespace, name: target.name });
  return new Failure({ reason: "InvalidSpec", message: `${object} ${what}`, hint, where: { object }, retry: "never" });
}

/** Kubernetes' own rule for names in paths (apimachinery `IsValidPathSegmentName`). */
function segment(name: string): string {
  if (name === "." || name === ".." || name === "" || /[/%]/.test(name) || !name.isWellFormed()) {
    throw new Failure({
      reason: "InvalidSpec",
      message: `${JSON.stringify(name)} cannot be part of an API path`,
      hint: "Use a name without '/' and '%' that is not '.' or '..'.",
      retry: "never",
    });
  }
  return /^[\w.-]+$/.test(name) ? name : encodeURIComponent(name);
}

function addSelectors(query: Query, selectors: Selectors): void {
  query.add("labelSelector", selectors.labelSelector);
  query.add("fieldSelector", selectors.fieldSelector);
}

class Query {
  text = "";
  add(key: string, value: string | number | undefined): void {
    if (value === undefined || value === "") return;
    this.text += `${this.text === "" ? "?" : "&"}${key}=${encodeURIComponent(String(value).toWellFormed())}`;
  }
}

/** The namespace and name of a manifest that is about to be written. */
export function targetOf(resource: ResourceInfo, manifest: Manifest): Target {
  return {
    resource,
    namespace: resource.namespaced ? (digString(manifest, "metadata", "namespace") ?? "") : "",
    name: digString(manifest, "metadata", "name") ?? "",
  };
}
