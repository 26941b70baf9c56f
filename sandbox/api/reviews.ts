// Reviews: requests that are answered and not stored (may I, who am I, a token for an account).

import { digString, formatApiVersion, isObject, type JsonObject, formatTime } from "@plumbline/core/model";
import { setOfPaths, trackUpdate, type Writer } from "@plumbline/core/ownership";
import { type Access, isAllowed } from "../access/rbac.ts";
import { serviceAccountUser } from "../access/users.ts";
import { emptyForm } from "../objects/storage-form.ts";
import { storeKey } from "../store/store.ts";
import { writeOptions } from "./options.ts";
import { notFound } from "./refusal.ts";
import type { Answer, ResourceCall, User, World } from "./world.ts";

const reviews = new Set([
  "selfsubjectaccessreviews",
  "subjectaccessreviews",
  "localsubjectaccessreviews",
  "selfsubjectreviews",
  "selfsubjectrulesreviews",
  "tokenreviews",
]);

export function isReview(plural: string): boolean {
  return reviews.has(plural);
}

/** Answers a review with its status filled in. */
export function review(world: World, call: ResourceCall, body: JsonObject): Answer {
  const spec = isObject(body.spec) ? body.spec : {};
  const tracked = trackUpdate(call.resource.type, emptyForm(call.resource), {
    next: body,
    writer: reviewWriter(world, call),
  });
  const answer = (status: JsonObject): Answer => ({ code: 201, body: { ...tracked, status } });
  switch (call.resource.plural) {
    case "selfsubjectreviews": {
      const { name, groups } = call.user;
      return answer({ userInfo: { username: name, groups: [...groups] } });
    }
    case "selfsubjectaccessreviews":
      return answer({ allowed: isAllowed(world.store, call.user, accessOf(spec)) });
    case "subjectaccessreviews":
    case "localsubjectaccessreviews": {
      const groups = Array.isArray(spec.groups) ? spec.groups.filter((group) => typeof group === "string") : [];
      const user: User = { name: digString(spec, "user") ?? "", groups };
      return answer({ allowed: isAllowed(world.store, user, accessOf(spec)) });
    }
    case "tokenreviews":
      return answer({ user: {}, error: "the sandbox does not review tokens" });
    default:
      return answer({
        resourceRules: [],
        nonResourceRules: [],
        incomplete: true,
        evaluationError: "the sandbox does not list rules",
      });
  }
}

function reviewWriter(world: World, call: ResourceCall): Writer {
  const { fieldManager } = writeOptions(call, "CreateOptions");
  const time = formatTime(world.clock.now());
  return {
    manager: fieldManager,
    apiVersion: formatApiVersion(call.resource),
    subresource: "",
    time,
    ignored: setOfPaths([["status"]]),
  };
}

function accessOf(spec: JsonObject): Access {
  const text = (...path: string[]): string => digString(spec, ...path) ?? "";
  const isPath = isObject(spec.nonResourceAttributes);
  const at = isPath ? "nonResourceAttributes" : "resourceAttributes";
  return {
    verb: text(at, "verb"),
    group: text(at, "group"),
    resource: text(at, "resource"),
    subresource: text(at, "subresource"),
    namespace: text(at, "namespace"),
    name: text(at, "name"),
    path: isPath ? text(at, "path") : "",
  };
}

const defaultTokenSeconds = 3600;

/** A token for a service account: random text that the sandbox knows until it ends. */
export function createToken(
  world: World,
  call: ResourceCall,
  parts: { body: JsonObject; tokens: Map<string, User> },
): Answer {
  const { body, tokens } = parts;
  const accounts = { group: "", plural: "serviceaccounts", kind: "ServiceAccount" };
  if (!world.store.get("/serviceaccounts", storeKey(call.namespace, call.name))) throw notFound(accounts, call.name);
  const spec = isObject(body.spec) ? body.spec : {};
  const seconds = typeof spec.expirationSeconds === "number" ? spec.expirationSeconds : defaultTokenSeconds;
  const token = `sandbox-${world.uuid()}`;
  tokens.set(token, serviceAccountUser(call.namespace, call.name));
  const status = { token, expirationTimestamp: formatTime(world.clock.now() + seconds * 1000) };
  return {
    code: 201,
    body: { kind: "TokenRequest", apiVersion: "authentication.k8s.io/v1", metadata: {}, spec, status },
  };
}
