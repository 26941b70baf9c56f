// From an HTTP request to an answer: who asks, may they, what for.

import type { IncomingHttpHeaders } from "node:http";
import { asFailure, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { type Access, denial, isAllowed } from "../access/rbac.ts";
import { authenticate, impersonation } from "../access/users.ts";
import { aggregated, coreVersions, groupList, oneGroup, resourceList, serverVersion } from "../api/discovery.ts";
import { handle } from "../api/handle.ts";
import { type AcceptedForm, acceptedForm } from "../api/negotiate.ts";
import { openApiDocument, openApiHash, openApiIndex } from "../api/openapi.ts";
import { badRequest, forbidden, methodNotAllowed, pathNotFound, Refusal } from "../api/refusal.ts";
import type { Resource } from "../api/registry.ts";
import { type ResourcePath, resourcePath, verbOf } from "../api/route.ts";
import { partialObject } from "../api/present.ts";
import { protobufType, readProtobuf } from "../objects/protobuf.ts";
import { prepareWatch, type WatchSink } from "../api/watch.ts";
import { tableObject } from "../api/table.ts";
import type { Answer, ResourceCall, User, World } from "../api/world.ts";

export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export type HttpAnswer =
  | {
      readonly kind: "json";
      readonly code: number;
      readonly body: JsonObject;
      readonly warnings: readonly string[];
      /** Default `application/json`. */
      readonly contentType?: string;
    }
  | { readonly kind: "text"; readonly code: number; readonly body: string }
  | { readonly kind: "watch"; readonly start: (sink: WatchSink) => () => void };

export interface Sandbox {
  readonly world: World;
  readonly tokens: Map<string, User>;
  /** `host:port`, for discovery. */
  readonly address: () => string;
  /** Called once per request that names a resource. */
  readonly count: (verb: string, resource: Resource, subresource: string) => void;
}

/** Answers a request. Never throws: mistakes of the client are refusals, those of the sandbox a 500 that says so. */
export function dispatch(sandbox: Sandbox, request: HttpRequest): HttpAnswer {
  try {
    const url = readUrl(request.url);
    if (!methods.has(request.method)) throw methodNotAllowed();
    const user = userOf(sandbox, request);
    const form = acceptedForm(request.headers.accept);
    const document = ownDocument(sandbox, url.pathname, form);
    if (document) {
      checkPath(sandbox, user, { method: request.method, path: url.pathname });
      return document;
    }
    return resourceAnswer(sandbox, request, { url, user, form });
  } catch (thrown) {
    if (thrown instanceof Refusal) return { kind: "json", code: thrown.code, body: thrown.status, warnings: [] };
    const failure = asFailure(thrown);
    const message = `Internal error occurred: the sandbox failed: ${failure.message}`;
    const body = new Refusal({ code: 500, reason: "InternalError", message }).status;
    return { kind: "json", code: 500, body, warnings: [] };
  }
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);

function readUrl(text: string): URL {
  const url = URL.parse(`http://sandbox${text.startsWith("/") ? "" : "/"}${text}`);
  if (!url) throw badRequest("the address of the request cannot be read");
  return url;
}

function userOf({ tokens, world }: Sandbox, { headers }: HttpRequest): User {
  const user = authenticate(headers, tokens);
  const wanted = impersonation(headers);
  if (!wanted) return user;
  for (const { resource, namespace, name } of wanted.checks) {
    const access: Access = { verb: "impersonate", group: "", resource, subresource: "", namespace, name, path: "" };
    if (!isAllowed(world.store, user, access))
      throw forbidden({ group: "", plural: resource, kind: "" }, name, denial(user, access));
  }
  return wanted.user;
}

/** Documents that everybody may read who is somebody. */
const openPaths = /^\/(api|apis|openapi|version|healthz|livez|readyz)(\/|$)/;

function checkPath({ world }: Sandbox, user: User, { method, path }: { method: string; path: string }): void {
  if (user.groups.includes("system:authenticated") && openPaths.test(path)) return;
  const access: Access = {
    verb: method.toLowerCase(),
    group: "",
    resource: "",
    subresource: "",
    namespace: "",
    name: "",
    path,
  };
  if (isAllowed(world.store, user, access)) return;
  throw new Refusal({ code: 403, reason: "Forbidden", message: `forbidden: ${denial(user, access)}`, details: {} });
}

function json(body: JsonObject): HttpAnswer {
  return { kind: "json", code: 200, body, warnings: [] };
}

function ownDocument({ world, address }: Sandbox, path: string, form: AcceptedForm): HttpAnswer | undefined {
  const { registry } = world;
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") : path;
  switch (trimmed) {
    case "/version":
      return json(serverVersion);
    case "/healthz":
    case "/livez":
    case "/readyz":
      return { kind: "text", code: 200, body: "ok" };
    case "/api":
      return form.as === "discovery" ? discovery(aggregated(registry, "core")) : json(coreVersions(address()));
    case "/apis":
      return form.as === "discovery" ? discovery(aggregated(registry, "groups")) : json(groupList(registry));
    case "/openapi/v3":
      return json(openApiIndex(registry, openApiHash(registry)));
  }
  if (trimmed.startsWith("/openapi/v3/")) return found(openApiDocument(registry, trimmed.slice("/openapi/v3/".length)));
  const parts = trimmed.split("/").slice(1);
  if (parts[0] === "api" && parts.length === 2) return found(resourceList(registry, "", parts[1] ?? ""));
  if (parts[0] === "apis" && parts.length === 2) return found(oneGroup(registry, parts[1] ?? ""));
  if (parts[0] === "apis" && parts.length === 3) {
    const list = resourceList(registry, parts[1] ?? "", parts[2] ?? "");
    if (!list && oneGroup(registry, parts[1] ?? "")) throw pathNotFound();
    return found(list);
  }
  return undefined;
}

/** Clients tell the aggregated document from the old one by its content type. */
function discovery(body: JsonObject): HttpAnswer {
  const contentType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  return { kind: "json", code: 200, body, warnings: [], contentType };
}

const notServed: HttpAnswer = { kind: "text", code: 404, body: "404 page not found\n" };

function found(body: JsonObject | undefined): HttpAnswer {
  if (!body) return notServed;
  return json(body);
}

interface Context {
  readonly url: URL;
  readonly user: User;
  readonly form: AcceptedForm;
}

function resourceAnswer(sandbox: Sandbox, request: HttpRequest, { url, user, form }: Context): HttpAnswer {
  const path = resourcePath(url.pathname);
  if (!path) {
    checkPath(sandbox, user, { method: request.method, path: url.pathname });
    return notServed;
  }
  const { world } = sandbox;
  const verb = verbOf(request.method, path, url.searchParams);
  authorize(sandbox, user, { verb, path });
  const apiVersion = path.group === "" ? path.version : `${path.group}/${path.version}`;
  const resource = world.registry.find(apiVersion, path.plural);
  if (!resource) throw pathNotFound();
  sandbox.count(verb, resource, path.subresource);
  const agent = request.headers["user-agent"] ?? "";
  const { namespace, name, subresource } = path;
  const call: ResourceCall = { resource, namespace, name, subresource, query: url.searchParams, user, agent };
  if (verb === "watch") {
    const start = prepareWatch(world, call);
    return { kind: "watch", start: (sink) => start(shaped(sandbox, call, { form, sink })) };
  }
  const contentType = (request.headers["content-type"] ?? "application/json").split(";")[0]?.trim() ?? "";
  const body = request.body.length === 0 ? null : parseBody(world, request.body, contentType);
  const answer: Answer = handle(world, { verb, call, body, contentType, form, tokens: sandbox.tokens });
  return { kind: "json", code: answer.code, body: answer.body, warnings: answer.warnings ?? [] };
}

function authorize({ world }: Sandbox, user: User, { verb, path }: { verb: string; path: ResourcePath }): void {
  const { group, plural, subresource, namespace, name } = path;
  const access: Access = { verb, group, resource: plural, subresource, namespace, name, path: "" };
  if (isAllowed(world.store, user, access)) return;
  throw forbidden({ group, plural, kind: "" }, name, denial(user, access));
}

/** Watch events as partial objects or tables where the client wants these. */
function shaped(
  { world }: Sandbox,
  call: ResourceCall,
  { form, sink }: { form: AcceptedForm; sink: WatchSink },
): WatchSink {
  if (form.as === "object") return sink;
  const request = { resource: call.resource, include: "Metadata" as const, now: world.clock.now() };
  const shape = (object: JsonObject): JsonObject =>
    form.as === "table" ? tableObject(request, [object], {}) : partialObject(object);
  return {
    end: () => sink.end(),
    send: (event) => sink.send(event.type === "ERROR" ? event : { ...event, object: shape(event.object) }),
  };
}

/** How deep a body may nest; Kubernetes allows 10,000, no object needs a tenth of this. */
export const maxBodyDepth = 500;

/** Counts brackets outside of JSON texts. YAML has its own limits. */
function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (isQuoted) {
      if (char === backslash) i++;
      else if (char === quote) isQuoted = false;
    } else if (char === quote) isQuoted = true;
    else if (char === openBrace || char === openBracket) {
      if (++depth > limit) return true;
    } else if (char === closeBrace || char === closeBracket) depth--;
  }
  return false;
}
const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [34, 92, 123, 125, 91, 93];

function parseBody(world: World, bytes: Uint8Array, contentType: string): JsonValue {
  if (contentType === protobufType) return parseProtobuf(world, bytes);
  const text = new TextDecoder().decode(bytes);
  if (nestsDeeper(text, maxBodyDepth)) throw badRequest(`the body nests deeper than ${maxBodyDepth} levels`);
  try {
    return JSON.parse(text) as JsonValue;
  } catch (thrown) {
    if (!contentType.endsWith("yaml")) {
      const why = thrown instanceof Error ? thrown.message : "";
      throw badRequest(`the object provided is unrecognized (must be of type ${contentType}): ${why}`);
    }
  }
  try {
    return parseYaml(text);
  } catch (thrown) {
    throw badRequest(`error decoding YAML: ${asFailure(thrown).message}`);
  }
}

function parseProtobuf({ registry }: World, bytes: Uint8Array): JsonValue {
  try {
    return readProtobuf(bytes, (apiVersion, kind) => registry.ofKind(apiVersion, kind)?.type);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw badRequest(`the object provided is unrecognized: ${thrown.message}`);
    throw thrown;
  }
}
