// GET of one object and of lists.
// Facts: k8s.io/apiserver pkg/endpoints/handlers/get.go, pkg/storage.

import { formatApiVersion, type JsonObject } from "@plumbline/core/model";
import { fieldSelector, labelSelector, type ObjectTest } from "../store/selectors.ts";
import type { StoredObject } from "../store/store.ts";
import { badRequest, gone, Refusal } from "./refusal.ts";
import type { Resource } from "./registry.ts";
import { presented } from "./present.ts";
import type { ResourceCall, World } from "./world.ts";

/** Fields by which objects of a kind can be selected, beside metadata.name and metadata.namespace. */
const selectableFields: Readonly<Record<string, readonly string[]>> = {
  "/pods": [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  "/events": [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  "/nodes": ["spec.unschedulable"],
  "/namespaces": ["status.phase"],
  "/secrets": ["type"],
  "/services": ["spec.clusterIP", "spec.type"],
  "batch/jobs": ["status.successful"],
  "apps/replicasets": ["status.replicas"],
  "/replicationcontrollers": ["status.replicas"],
};

/** The selectors of a request as one test; undefined when everything is wanted. */
export function selectorOf(call: ResourceCall): ObjectTest | undefined {
  const { resource, query } = call;
  const known = new Set<string>([
    "metadata.name",
    ...(resource.namespaced || resource.custom ? ["metadata.namespace"] : []),
    ...(selectableFields[resource.id] ?? []),
  ]);
  try {
    const byLabel = labelSelector(query.get("labelSelector") ?? "");
    const byField = fieldSelector(query.get("fieldSelector") ?? "", [...known]);
    const byName = call.name === "" ? undefined : (object: JsonObject): boolean => nameOf(object) === call.name;
    const tests = [byLabel, byField, byName].filter((test) => test !== undefined);
    return tests.length === 0 ? undefined : (object) => tests.every((test) => test(object));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw badRequest(thrown.message);
    throw thrown;
  }
}

function nameOf(object: JsonObject): string {
  const { metadata } = object;
  return typeof metadata === "object" &&
    metadata !== null &&
    !Array.isArray(metadata) &&
    typeof metadata.name === "string"
    ? metadata.name
    : "";
}

export interface Page {
  readonly items: readonly StoredObject[];
  readonly revision: number;
  readonly continueToken: string;
  readonly remaining: number | undefined;
}

interface Token {
  readonly v: string;
  readonly rv: number;
  readonly start: string;
}

/** The objects a list asks for. A page that goes on later sees the state of now, not of its beginning. */
export function listPage(world: World, call: ResourceCall): Page {
  const { resource, query } = call;
  const test = selectorOf(call);
  const limit = Number(query.get("limit") ?? 0);
  const token = query.get("continue");
  const start = token ? readToken(token) : undefined;
  checkVersion(world, query);
  const matching: StoredObject[] = [];
  for (const state of world.store.list(resource.id, call.namespace)) {
    if (start && state.key <= start.start) continue;
    if (!test || test(presented(resource, state.object))) matching.push(state);
  }
  const revision = start?.rv ?? world.store.revision;
  if (!(limit > 0) || matching.length <= limit)
    return { items: matching, revision, continueToken: "", remaining: undefined };
  const items = matching.slice(0, limit);
  const next: Token = { v: "meta.k8s.io/v1", rv: revision, start: items.at(-1)?.key ?? "" };
  const continueToken = Buffer.from(JSON.stringify(next)).toString("base64url");
  return { items, revision, continueToken, remaining: test ? undefined : matching.length - limit };
}

function readToken(token: string): Token {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString()) as Token;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw badRequest("continue key is not valid: the token cannot be read");
  }
}

/** A list at a version the sandbox no longer (or not yet) has. */
function checkVersion(world: World, query: URLSearchParams): void {
  const version = query.get("resourceVersion") ?? "";
  if (version === "" || version === "0") return;
  if (!/^\d+$/.test(version))
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`,
    );
  const wanted = Number(version);
  if (wanted > world.store.revision) {
    const cause = { reason: "ResourceVersionTooLarge", message: "Too large resource version" };
    const message = `Timeout: Too large resource version: ${version}, current: ${world.store.revision}`;
    throw new Refusal({ code: 504, reason: "Timeout", message, details: { causes: [cause], retryAfterSeconds: 1 } });
  }
  if (query.get("resourceVersionMatch") === "Exact" && wanted < world.store.revision) {
    throw gone(`The resourceVersion for the provided list is too old: the sandbox keeps only the newest state.`);
  }
}

/** The list object of a page. */
export function listObject(resource: Resource, page: Page, items: JsonObject[]): JsonObject {
  const metadata: JsonObject = { resourceVersion: String(page.revision) };
  if (page.continueToken !== "") metadata.continue = page.continueToken;
  if (page.remaining !== undefined) metadata.remainingItemCount = page.remaining;
  return { kind: resource.listKind, apiVersion: formatApiVersion(resource), metadata, items };
}
