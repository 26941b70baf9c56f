// PATCH: merge patch, JSON patch, strategic merge patch and server-side apply.
// Facts: k8s.io/apiserver pkg/endpoints/handlers/patch.go.

import { digString, formatApiVersion, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { applyObject, type ApplyResult, conflictCauses, conflictMessage } from "@plumbline/core/ownership";
import { jsonPatch, mergePatch, PatchError } from "../objects/merge-patch.ts";
import { checkUnknown, emptyForm, storageForm } from "../objects/storage-form.ts";
import { strategicPatch } from "../objects/strategic-patch.ts";
import type { StoredObject } from "../store/store.ts";
import { applyOptions, writeOptions } from "./options.ts";
import { badRequest, conflict, notFound, Refusal, unknownBodyFormat, unsupportedPatch } from "./refusal.ts";
import type { Resource } from "./registry.ts";
import { currentState } from "./storage.ts";
import type { Answer, ResourceCall, World } from "./world.ts";
import { addressed, createObject, metadataOf, updateObject, type WriteContext, writerOf } from "./write.ts";

export const patchTypes = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

/** The body of a PATCH, parsed. */
export interface PatchBody {
  readonly type: string;
  readonly value: JsonValue;
}

/** Applies a patch and stores the result. */
export function patch(world: World, call: ResourceCall, body: PatchBody): Answer {
  const { resource, name } = call;
  const current = currentState(world, call);
  if (!Object.values<string>(patchTypes).includes(body.type)) throw unsupportedPatch();
  if (body.type === patchTypes.apply)
    return apply({ world, call, dryRun: writeOptions(call, "PatchOptions").dryRun }, current, body.value);
  if (!current) throw notFound(resource, name);
  const options = writeOptions(call, "PatchOptions");
  const patched = patchedObject(resource, current.object, body);
  if (!isObject(patched)) throw badRequest("the patch leaves no object");
  const context: WriteContext = { world, call, dryRun: options.dryRun };
  checkIdentity(resource, patched);
  const warnings = checkUnknown(resource, storageForm(resource, patched).unknown, options.fieldValidation);
  const object = updateObject(context, current, { next: patched, manager: options.fieldManager });
  return { code: 200, body: object, warnings };
}

function patchedObject(resource: Resource, object: JsonObject, { type, value }: PatchBody): JsonValue {
  switch (type) {
    case patchTypes.merge:
      if (!isObject(value)) throw badRequest("the merge patch is no object");
      return mergePatch(object, value);
    case patchTypes.strategic:
      if (resource.custom) throw unknownBodyFormat([patchTypes.json, patchTypes.merge, patchTypes.apply]);
      if (!isObject(value)) throw badRequest("the patch is no object");
      return runStrategic(resource, object, value);
    case patchTypes.json:
      return runJsonPatch(object, value);
    default:
      throw unsupportedPatch();
  }
}

function runStrategic(resource: Resource, object: JsonObject, value: JsonObject): JsonObject {
  try {
    return strategicPatch(resource.type, object, value);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw badRequest(thrown.message);
    throw thrown;
  }
}

function runJsonPatch(object: JsonObject, value: JsonValue): JsonValue {
  try {
    return jsonPatch(object, value);
  } catch (thrown) {
    if (!(thrown instanceof PatchError)) throw thrown;
    throw new Refusal({
      code: 422,
      reason: "Invalid",
      message: `the server rejected our request due to an error in our request`,
      details: {},
    });
  }
}

/** A patch may not make another kind of object. */
function checkIdentity(resource: Resource, object: JsonObject): void {
  const apiVersion = formatApiVersion(resource);
  if (object.apiVersion === apiVersion && object.kind === resource.kind) return;
  const sent = `${digString(object, "apiVersion")}, Kind=${digString(object, "kind")}`;
  throw badRequest(`the patch changes the kind of the object to ${sent}`);
}

function apply(context: WriteContext, current: StoredObject | undefined, value: JsonValue): Answer {
  const { call } = context;
  const { resource, name, subresource } = call;
  const { manager, force } = applyOptions(call);
  if (!isObject(value)) throw badRequest("the applied configuration is no object");
  const applied = addressed(context, checkedConfiguration(resource, value));
  const options = writeOptions(call, "PatchOptions");
  if (!current && subresource !== "") throw notFound(resource, name);
  if (!current && digString(applied, "metadata", "uid")) {
    throw conflict(
      resource,
      name,
      `uid mismatch: the provided object specified uid ${digString(applied, "metadata", "uid")}, and no existing object was found`,
    );
  }
  const live = current?.object ?? emptyLive(applied);
  const merged = applyObject(resource.type, live, {
    applied,
    writer: writerOf(context, manager),
    force,
    empty: emptyForm(resource),
  });
  const next = appliedObject(call, merged, applied);
  const warnings = checkUnknown(resource, storageForm(resource, applied).unknown, options.fieldValidation);
  if (current) return { code: 200, body: updateObject(context, current, { next, manager: undefined }), warnings };
  return { code: 201, body: createObject(context, next, undefined), warnings };
}

function emptyLive(applied: JsonObject): JsonObject {
  const { name, namespace } = metadataOf(applied);
  const metadata: JsonObject = { name: name ?? "", ...(namespace === undefined ? {} : { namespace }) };
  return { apiVersion: applied.apiVersion ?? "", kind: applied.kind ?? "", metadata };
}

function checkedConfiguration(resource: Resource, value: JsonObject): JsonObject {
  const wanted = formatApiVersion(resource);
  const sent = digString(value, "apiVersion") ?? "";
  if (sent !== wanted || value.kind !== resource.kind) {
    const shown = sent.includes("/") ? sent : `/${sent}`;
    throw badRequest(`invalid object type: ${shown}, Kind=${digString(value, "kind") ?? ""}`);
  }
  if (metadataOf(value).managedFields !== undefined && metadataOf(value).managedFields !== null) {
    throw badRequest("metadata.managedFields must be nil");
  }
  return value;
}

function appliedObject(call: ResourceCall, result: ApplyResult, applied: JsonObject): JsonObject {
  if (result.kind === "applied") return result.object;
  if (result.kind === "conflict") {
    throw new Refusal({
      code: 409,
      reason: "Conflict",
      message: conflictMessage(result.conflicts),
      details: { causes: conflictCauses(result.conflicts).map((cause) => ({ ...cause })) },
    });
  }
  const { resource, namespace } = call;
  const name = digString(applied, "metadata", "name") ?? "";
  const at = `${namespace === "" ? "" : `${namespace}/`}${name}; ${resource.group}/${resource.version}, Kind=${resource.kind}`;
  const errors =
    result.errors.length === 1 ? result.errors[0] : `errors:\n${result.errors.map((line) => `  ${line}`).join("\n")}`;
  throw new Refusal({
    code: 500,
    reason: "",
    message: `failed to create typed ${result.side} object (${at}): ${errors}`,
  });
}
