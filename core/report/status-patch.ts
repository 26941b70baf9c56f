// The difference between two states of an object, as the patch that is sent.

import { equalJson, isObject, type JsonObject, own, setOwn } from "@plumbline/core/model";

/**
 * The JSON merge patch (RFC 7396) for the status subresource that turns the recorded status into the new one: fields
 * that are gone become null, lists are sent whole. Undefined when nothing differs, so that nothing is sent.
 */
export function statusPatch(recorded: JsonObject | undefined, status: JsonObject): JsonObject | undefined {
  const patch = mergePatch(recorded ?? {}, status);
  return Object.keys(patch).length === 0 ? undefined : { status: patch };
}

function mergePatch(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) setOwn(patch, key, null);
  for (const [key, wanted] of Object.entries(to)) {
    const has = own(from, key);
    if (equalJson(has, wanted)) continue;
    setOwn(patch, key, isObject(has) && isObject(wanted) ? mergePatch(has, wanted) : wanted);
  }
  return patch;
}
