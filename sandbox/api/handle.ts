// One resource request, from the checked call to its answer.

import { digString, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { checkUnknown, storageForm } from "../objects/storage-form.ts";
import { writeOptions } from "./options.ts";
import { patch } from "./patch.ts";
import { listed, partialObject, presented } from "./present.ts";
import { listObject, listPage } from "./read.ts";
import { badRequest, invalid, invalidValue, methodNotAllowed, pathNotFound } from "./refusal.ts";
import { deleteOptions, remove } from "./remove.ts";
import { createToken, isReview, review } from "./reviews.ts";
import { getScale, patchScale, putScale } from "./scale.ts";
import { existingState } from "./storage.ts";
import { type IncludeObject, tableObject } from "./table.ts";
import type { AcceptedForm } from "./negotiate.ts";
import type { Answer, ResourceCall, User, World } from "./world.ts";
import { addressed, createObject, metadataOf, updateObject } from "./write.ts";

export interface Request {
  readonly verb: string;
  readonly call: ResourceCall;
  /** The parsed body; null when there is none. */
  readonly body: JsonValue;
  readonly contentType: string;
  readonly form: AcceptedForm;
  readonly tokens: Map<string, User>;
}

/** Answers everything but watches. Throws a `Refusal`. */
export function handle(world: World, request: Request): Answer {
  const { verb, call, body } = request;
  if (call.subresource !== "") checkSubresource(request);
  switch (verb) {
    case "get":
      return call.subresource === "scale" ? getScale(world, call) : get(world, request);
    case "list":
      return list(world, request);
    case "create":
      return create(world, request);
    case "update":
      return update(world, request);
    case "patch": {
      const patchBody = { type: request.contentType, value: body };
      return call.subresource === "scale" ? patchScale(world, call, patchBody) : patch(world, call, patchBody);
    }
    case "delete":
      return remove(world, call, deleteOptions(call, isObject(body) ? body : {}));
    case "deletecollection":
      return removeAll(world, request);
    default:
      throw methodNotAllowed();
  }
}

function checkSubresource({ call, verb }: Request): void {
  const sub = call.resource.subresources.find(({ name }) => name === call.subresource);
  if (!sub) throw pathNotFound();
  if (!sub.verbs.includes(verb)) throw methodNotAllowed();
}

function includeOf(query: URLSearchParams): IncludeObject {
  const value = query.get("includeObject");
  return value === "None" || value === "Object" ? value : "Metadata";
}

function get(world: World, { call, form }: Request): Answer {
  const { object } = existingState(world, call);
  if (form.as === "partial") return { code: 200, body: partialObject(object) };
  if (form.as !== "table") return { code: 200, body: object };
  const request = { resource: call.resource, include: includeOf(call.query), now: world.clock.now() };
  const metadata = { resourceVersion: metadataOf(object).resourceVersion ?? "" };
  return { code: 200, body: tableObject(request, [object], metadata) };
}

function list(world: World, { call, form }: Request): Answer {
  const { resource } = call;
  const page = listPage(world, call);
  const objects = page.items.map(({ object }) => presented(resource, object));
  if (form.as === "table") {
    const request = { resource, include: includeOf(call.query), now: world.clock.now() };
    const { metadata } = listObject(resource, page, []);
    return { code: 200, body: tableObject(request, objects, isObject(metadata) ? metadata : {}) };
  }
  if (form.as === "partial" || form.as === "partial-list") {
    const { metadata } = listObject(resource, page, []);
    const items = objects.map(partialObject);
    return {
      code: 200,
      body: { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata: metadata ?? {}, items },
    };
  }
  return { code: 200, body: listObject(resource, page, resource.custom ? objects : objects.map(listed)) };
}

function objectBody(body: JsonValue): JsonObject {
  if (isObject(body)) return body;
  throw badRequest("the body of the request holds no object");
}

function checkKind({ call }: Request, body: JsonObject): void {
  const { resource } = call;
  const wanted = resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
  const [apiVersion, kind] = [digString(body, "apiVersion") ?? "", digString(body, "kind") ?? ""];
  if (resource.custom && kind !== "" && kind !== resource.kind) {
    const cause = invalidValue("kind", JSON.stringify(kind), `must be ${resource.kind}`);
    throw invalid({ ...resource, kind }, digString(body, "metadata", "name") ?? "", [cause]);
  }
  if (kind !== "" && kind !== resource.kind) {
    throw badRequest(
      `${kind} in version ${JSON.stringify(apiVersion)} cannot be handled as a ${resource.kind}: converting (${kind}) to (${resource.kind}): unknown conversion`,
    );
  }
  if (apiVersion === "" || apiVersion === wanted) return;
  if (!resource.custom) {
    throw badRequest(
      `${kind} in version ${JSON.stringify(apiVersion)} cannot be handled as a ${resource.kind}: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${wanted})`);
}

function create(world: World, request: Request): Answer {
  const { call } = request;
  if (call.subresource === "token")
    return createToken(world, call, { body: objectBody(request.body), tokens: request.tokens });
  if (call.subresource === "eviction") return evict(world, call);
  if (call.name !== "") throw methodNotAllowed();
  const body = objectBody(request.body);
  checkKind(request, body);
  if (isReview(call.resource.plural)) return review(world, call, addressed({ world, call, dryRun: true }, body));
  const options = writeOptions(call, "CreateOptions");
  const context = { world, call, dryRun: options.dryRun };
  const object = addressed(context, body);
  const warnings = checkUnknown(call.resource, storageForm(call.resource, object).unknown, options.fieldValidation);
  return { code: 201, body: createObject(context, object, options.fieldManager), warnings };
}

/** An eviction deletes the pod: disruption budgets are not looked at. */
function evict(world: World, call: ResourceCall): Answer {
  remove(
    world,
    { ...call, subresource: "" },
    { dryRun: false, propagation: undefined, graceSeconds: undefined, preconditions: {} },
  );
  return { code: 201, body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } };
}

function update(world: World, request: Request): Answer {
  const { call } = request;
  const body = objectBody(request.body);
  if (call.subresource === "scale") return putScale(world, call, body);
  checkKind(request, body);
  const options = writeOptions(call, "UpdateOptions");
  const context = { world, call, dryRun: options.dryRun };
  const object = addressed(context, body);
  const current = existingState(world, call);
  if (!metadataOf(object).resourceVersion && needsVersion(call)) throw versionNeeded(call);
  const warnings = checkUnknown(call.resource, storageForm(call.resource, object).unknown, options.fieldValidation);
  return { code: 200, body: updateObject(context, current, { next: object, manager: options.fieldManager }), warnings };
}

/** Kinds that are only updated by who has read them. */
const versionedUpdates = new Set([
  "coordination.k8s.io/leases",
  "apiextensions.k8s.io/customresourcedefinitions",
  "policy/poddisruptionbudgets",
]);

function needsVersion({ resource }: ResourceCall): boolean {
  return resource.custom !== undefined || versionedUpdates.has(resource.id);
}

function versionNeeded({ resource, name }: ResourceCall): Error {
  const cause = invalidValue("metadata.resourceVersion", "0", "must be specified for an update");
  return invalid({ group: resource.group, plural: resource.plural, kind: resource.plural }, name, [cause]);
}

function removeAll(world: World, { call, body }: Request): Answer {
  const options = deleteOptions(call, isObject(body) ? body : {});
  const page = listPage(world, call);
  const items: JsonObject[] = [];
  for (const state of page.items) {
    if (!world.store.get(call.resource.id, state.key)) continue; // gone with an earlier one
    items.push(presented(call.resource, state.object));
    remove(world, { ...call, name: state.name, namespace: state.namespace }, options);
  }
  return { code: 200, body: listObject(call.resource, page, call.resource.custom ? items : items.map(listed)) };
}
