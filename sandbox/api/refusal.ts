// Refusals: the Status answers of an API server.
// Facts: k8s.io/apimachinery pkg/api/errors.

import { Failure, type JsonObject, type Reason } from "@plumbline/core/model";

/** One line of a 422 answer. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface RefusalParts {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: JsonObject;
}

/** Thrown by handlers; the server answers it as a Status object. */
export class Refusal extends Failure {
  readonly code: number;
  readonly status: JsonObject;

  constructor(parts: RefusalParts) {
    super({ reason: failureReason(parts.code), message: parts.message, retry: "never" });
    this.code = parts.code;
    this.status = statusObject(parts);
  }
}

function failureReason(code: number): Reason {
  switch (code) {
    case 401:
      return "AuthenticationFailed";
    case 403:
      return "AccessDenied";
    case 404:
      return "NotFound";
    case 409:
      return "Conflict";
    default:
      return code < 500 ? "InvalidSpec" : "Internal";
  }
}

function statusObject({ code, reason, message, details }: RefusalParts): JsonObject {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    ...(reason === "" ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

/** What the details of a refusal name: an object of a resource. */
export interface Target {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

function qualified(target: Target): string {
  return target.group === "" ? target.plural : `${target.plural}.${target.group}`;
}

function resourceDetails(target: Target, name: string): JsonObject {
  return {
    ...(name === "" ? {} : { name }),
    ...(target.group === "" ? {} : { group: target.group }),
    kind: target.plural,
  };
}

export function notFound(target: Target, name: string): Refusal {
  const message = `${qualified(target)} ${JSON.stringify(name)} not found`;
  return new Refusal({ code: 404, reason: "NotFound", message, details: resourceDetails(target, name) });
}

/** The answer to a path that leads nowhere. */
export function pathNotFound(): Refusal {
  return new Refusal({
    code: 404,
    reason: "NotFound",
    message: "the server could not find the requested resource",
    details: {},
  });
}

export function alreadyExists(target: Target, name: string): Refusal {
  const message = `${qualified(target)} ${JSON.stringify(name)} already exists`;
  return new Refusal({ code: 409, reason: "AlreadyExists", message, details: resourceDetails(target, name) });
}

export function conflict(target: Target, name: string, why: string): Refusal {
  const message = `Operation cannot be fulfilled on ${qualified(target)} ${JSON.stringify(name)}: ${why}`;
  return new Refusal({ code: 409, reason: "Conflict", message, details: resourceDetails(target, name) });
}

export const changedMeanwhile =
  "the object has been modified; please apply your changes to the latest version and try again";

export function badRequest(message: string): Refusal {
  return new Refusal({ code: 400, reason: "BadRequest", message });
}

export function forbidden(target: Target, name: string, why: string): Refusal {
  const named = name === "" ? "" : ` ${JSON.stringify(name)}`;
  const message = `${qualified(target)}${named} is forbidden: ${why}`;
  return new Refusal({ code: 403, reason: "Forbidden", message, details: resourceDetails(target, name) });
}

export function methodNotAllowed(): Refusal {
  return new Refusal({
    code: 405,
    reason: "MethodNotAllowed",
    message: "the server does not allow this method on the requested resource",
    details: {},
  });
}

/** A kind of patch that the resource does not take. */
export function unsupportedPatch(): Refusal {
  return new Refusal({
    code: 415,
    reason: "UnsupportedMediaType",
    message: "415: Unsupported Media Type",
    details: {},
  });
}

/** A patch that other resources take, and this one does not. */
export function unknownBodyFormat(accepted: readonly string[]): Refusal {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
  return new Refusal({ code: 415, reason: "UnsupportedMediaType", message });
}

export function gone(message: string): Refusal {
  return new Refusal({ code: 410, reason: "Expired", message });
}

/** 422 with its causes; the message lists them as the server does. */
export function invalid(target: Target, name: string, causes: readonly Cause[]): Refusal {
  const qualifiedKind = target.group === "" ? target.kind : `${target.kind}.${target.group}`;
  const lines = [
    ...new Set(causes.map((cause) => (cause.field === "" ? cause.message : `${cause.field}: ${cause.message}`))),
  ];
  const list = lines.length === 1 ? lines[0] : `[${lines.join(", ")}]`;
  const details: JsonObject = {
    ...(name === "" ? {} : { name }),
    ...(target.group === "" ? {} : { group: target.group }),
    kind: target.kind,
    causes: causes.map(({ reason, message, field }) => ({ reason, message, field })),
  };
  const message = `${qualifiedKind} ${JSON.stringify(name)} is invalid: ${list}`;
  return new Refusal({ code: 422, reason: "Invalid", message, details });
}

export function requiredValue(field: string, why = ""): Cause {
  return { reason: "FieldValueRequired", message: `Required value${why === "" ? "" : `: ${why}`}`, field };
}

export function invalidValue(field: string, shown: string, why: string): Cause {
  return { reason: "FieldValueInvalid", message: `Invalid value: ${shown}: ${why}`, field };
}

export function unsupportedValue(field: string, shown: string, allowed: readonly string[]): Cause {
  const list = allowed.map((value) => JSON.stringify(value)).join(", ");
  return {
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${shown}: supported values: ${list}`,
    field,
  };
}
