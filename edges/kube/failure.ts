// What the API server's refusals mean: a Failure with reason, field and next step; Secrets' contents never quoted.

import { dig, digString, Failure, formatRef, isObject, type JsonValue, type Reason } from "@plumbline/core/model";
import { parseJson } from "./json.ts";
import type { Subject } from "./request.ts";

/** One field that the server complains about (meta/v1 `StatusCause`). */
export interface ApiCause {
  /** `FieldValueInvalid`, `FieldManagerConflict`, … */
  reason: string;
  field: string;
  message: string;
}

/** The server's answer (meta/v1 `Status`) as a value; it is the `cause` of the Failure. */
export interface ApiStatus {
  readonly type: "ApiStatus";
  /** HTTP status. */
  code: number;
  /** `NotFound`, `AlreadyExists`, `Expired`, …; empty when the answer was no Status. */
  reason: string;
  /** Redacted and cut like the Failure's. */
  message: string;
  causes: readonly ApiCause[];
  retryAfterMs?: number;
  /** False for a 404 of the path itself: the server does not serve this kind. */
  aboutObject: boolean;
}

/** Longer texts of the server are cut. */
export const MAX_MESSAGE_LENGTH = 2000;
const MAX_CAUSES = 50;

/** The server's answer behind a failure, if one came. */
export function apiStatus(thrown: unknown): ApiStatus | undefined {
  const cause: unknown = thrown instanceof Failure ? thrown.cause : undefined;
  return typeof cause === "object" && cause !== null && (cause as { type?: unknown }).type === "ApiStatus"
    ? (cause as ApiStatus) // the tag was checked on the line above
    : undefined;
}

const hasCode = (thrown: unknown, ...codes: number[]): boolean => codes.includes(apiStatus(thrown)?.code ?? -1);

/** The object is not there (a kind that is not served is `isKindUnknown`). */
export const isNotFound = (thrown: unknown): boolean => hasCode(thrown, 404) && apiStatus(thrown)?.aboutObject === true;
/** The API server does not serve this kind (now). */
export const isKindUnknown = (thrown: unknown): boolean =>
  hasCode(thrown, 404) && apiStatus(thrown)?.aboutObject === false;
export const isAlreadyExists = (thrown: unknown): boolean => apiStatus(thrown)?.reason === "AlreadyExists";
/** 409: another version in between, a precondition that does not hold, or a field that another manager owns. */
export const isConflict = (thrown: unknown): boolean => hasCode(thrown, 409) && !isAlreadyExists(thrown);
/** 403, by RBAC, by quota or by an admission webhook. */
export const isForbidden = (thrown: unknown): boolean => hasCode(thrown, 403);
export const isUnauthorized = (thrown: unknown): boolean => hasCode(thrown, 401);
/** 422 and 400: the object itself is wrong. */
export const isInvalid = (thrown: unknown): boolean => hasCode(thrown, 422, 400);
/** 410: the resourceVersion or the continue token is too old. */
export const isExpired = (thrown: unknown): boolean => hasCode(thrown, 410);
export const isTooManyRequests = (thrown: unknown): boolean => hasCode(thrown, 429);
/**
 * 429 because the server has just begun to cache this kind (apiserver's cacher, "storage is (re)initializing"), as for
 * the first watch of a new CustomResourceDefinition: it takes some 10 ms, not the whole second of its Retry-After.
 */
export const isInitializing = (thrown: unknown): boolean =>
  isTooManyRequests(thrown) && apiStatus(thrown)?.message.includes("storage is (re)initializing") === true;
/** No answer came: network, TLS, timeout. */
export const isUnreachable = (thrown: unknown): boolean =>
  thrown instanceof Failure && thrown.reason === "ClusterUnreachable" && apiStatus(thrown) === undefined;

export interface Answer {
  status: number;
  /** Seconds or an HTTP date. */
  retryAfter?: string | undefined;
  body: string;
}

/** The Failure for an answer with status 400 or more. `now` is wall-clock time, for Retry-After dates. */
export function failureOf(subject: Subject, answer: Answer, now: number): Failure {
  const status = readStatus(subject, answer, now);
  const verdict = judge(subject, status);
  const { message, causes, retryAfterMs } = status;
  const field = causes.find((cause) => cause.field !== "")?.field;
  const object = subject.name === "" ? undefined : formatRef(subject);
  return new Failure({
    reason: verdict.reason,
    message: message === "" ? `${describe(subject)}: the API server answered ${status.code}` : message,
    hint: verdict.hint,
    where: { ...(object ? { object } : {}), ...(field ? { field } : {}) },
    retry: retryAfterMs === undefined ? "backoff" : { afterMs: retryAfterMs },
    cause: status,
  });
}

/** The Failure for a Status object in an ERROR frame of a watch. */
export function failureOfStatus(subject: Subject, object: JsonValue, now: number): Failure {
  const code = dig(object, "code");
  return failureOf(subject, { status: typeof code === "number" ? code : 500, body: JSON.stringify(object) }, now);
}

/** `apply Deployment/shop/web`, `list pods`. */
export function describe(subject: Subject): string {
  if (subject.name !== "") return `${subject.verb} ${formatRef(subject)}`;
  const place = subject.namespace === "" ? "" : ` in ${subject.namespace}`;
  return `${subject.verb} ${subject.resource}${place}`;
}

function readStatus(subject: Subject, answer: Answer, now: number): ApiStatus {
  const status = parseStatus(answer.body);
  const reason = digString(status, "reason") ?? "";
  const secret = isSecret(subject);
  const causes = readCauses(dig(status, "details", "causes"), secret);
  const text = status === undefined ? plainText(answer.body) : (digString(status, "message") ?? "");
  const message = cut(secret ? withoutContents(subject, answer.status, text, causes) : text);
  const retryAfterMs = readRetryAfter(answer.retryAfter, dig(status, "details", "retryAfterSeconds"), now);
  return {
    type: "ApiStatus",
    code: answer.status,
    reason,
    message,
    causes,
    aboutObject: subject.name !== "" && digString(status, "details", "name") !== undefined,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function parseStatus(body: string): JsonValue | undefined {
  if (!body.startsWith("{")) return undefined;
  try {
    const value = parseJson(body);
    return isObject(value) && value["kind"] === "Status" ? value : undefined;
  } catch {
    return undefined; // not JSON after all: the text itself is shown
  }
}

/** Proxies answer in HTML: its text is noise. */
function plainText(body: string): string {
  const text = body.trim();
  return text.startsWith("<") || text.startsWith("{") ? "" : (text.split("\n", 1)[0] ?? "");
}

function readCauses(value: JsonValue | undefined, secret: boolean): ApiCause[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MAX_CAUSES).map((cause) => {
    const reason = digString(cause, "reason") ?? "";
    const field = (digString(cause, "field") ?? "").replace(/^\./, "");
    const message = cut(digString(cause, "message") ?? "");
    return { reason, field, message: secret && reason !== "FieldManagerConflict" ? "" : message };
  });
}

function isSecret(subject: Subject): boolean {
  return subject.group === "" && (subject.kind === "Secret" || subject.resource.startsWith("secrets"));
}

/** 401, 404, 409, 410 and 429 name objects, users and managers only; anything else may quote the object. */
function withoutContents(subject: Subject, code: number, text: string, causes: readonly ApiCause[]): string {
  if ([401, 404, 409, 410, 429].includes(code)) return text;
  if (code === 403 && isRbacDenial(text)) return text;
  const fields = causes.map((cause) => `${cause.field || "?"} (${cause.reason || "invalid"})`).sort();
  const phrases = safePhrases.flatMap((phrase) => phrase.exec(text)?.[0] ?? []);
  const told = [...new Set([...fields, ...phrases])].join(", ");
  const found = told === "" ? "" : `: ${told}`;
  return `${describe(subject)}: the API server answered ${code}${found} (its text is withheld, it may quote the Secret)`;
}

/** What a text about a Secret may say: it holds no value. */
const safePhrases = [
  /illegal base64 data at input byte \d{1,9}/,
  /field is immutable when `immutable` is set/,
  /Too long: may not be more than \d{1,9} bytes/,
  /Required value/,
  /unknown field "(metadata|spec|status|type)[\w.]{0,100}"/,
  /exceeded quota/,
];

const cut = (text: string): string =>
  text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH)}…` : text;

/** `secrets "a" is forbidden: User "u" cannot get resource "secrets" in API group "" …` */
const isRbacDenial = (text: string): boolean => / is forbidden: User "[^"]*" cannot \S+ (resource|path) /.test(text);

function readRetryAfter(header: string | undefined, details: JsonValue | undefined, now: number): number | undefined {
  if (header !== undefined && /^\d{1,6}$/.test(header.trim())) return Number(header) * 1000;
  const date = header === undefined ? Number.NaN : Date.parse(header);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  return typeof details === "number" && details > 0 ? details * 1000 : undefined;
}

interface Verdict {
  reason: Reason;
  hint: string;
}

function judge(subject: Subject, status: ApiStatus): Verdict {
  const { code } = status;
  if (code === 403) return judgeForbidden(subject, status);
  if (code === 404) return judgeNotFound(subject, status);
  if (code === 409) return { reason: "Conflict", hint: conflictHint(status) };
  if (code === 500 && /typed patch object/.test(status.message))
    return { reason: "ReconciliationFailed", hint: typeHint };
  if (code === 500 && /webhook/.test(status.message)) return { reason: "ReconciliationFailed", hint: webhookHint };
  return verdicts[code] ?? (code >= 500 ? serverTrouble : refused);
}

const typeHint = "Give the named field a value of that type: what is meant as text stands in quotes.";
const webhookHint = "Check that the webhook's Service has ready endpoints, or remove its webhook configuration.";
const refused: Verdict = { reason: "ReconciliationFailed", hint: "Correct the object and try again." };
const serverTrouble: Verdict = { reason: "ClusterUnreachable", hint: "Check the API server; the call is tried again." };
const verdicts: Record<number, Verdict> = {
  401: {
    reason: "AuthenticationFailed",
    hint: "Renew the token or client certificate of the kubeconfig user; for a service account check its token mount.",
  },
  410: { reason: "Conflict", hint: "List again: the version asked for is no longer kept." },
  413: { reason: "LimitExceeded", hint: "Make the object smaller: the API server takes about 3 MiB, etcd 1.5 MiB." },
  422: { reason: "ReconciliationFailed", hint: "Correct the named fields." },
  429: { reason: "ClusterUnreachable", hint: "The API server is busy; the call is tried again when it says so." },
  500: { reason: "ReconciliationFailed", hint: "Look into the log of the API server or of the webhook it names." },
};

function judgeForbidden(subject: Subject, status: ApiStatus): Verdict {
  if (isRbacDenial(status.message)) {
    const { verb, resource, group } = subject;
    const right = verb === "apply" ? "patch" : verb;
    const place = subject.namespace === "" ? "the cluster" : `namespace ${subject.namespace}`;
    const what = group === "" ? resource : `${resource}.${group}`;
    return {
      reason: "AccessDenied",
      hint: `Grant "${right}" on ${what} in ${place} to the user named in the message.`,
    };
  }
  const ended = status.causes.some((cause) => cause.reason === "NamespaceTerminating");
  if (ended) return { reason: "ReconciliationFailed", hint: "Wait until the namespace is gone, then create it again." };
  return { reason: "ReconciliationFailed", hint: "An admission rule or quota refused the object: do as it says." };
}

function judgeNotFound(subject: Subject, status: ApiStatus): Verdict {
  if (status.aboutObject) return { reason: "NotFound", hint: `Check the name and namespace of the ${subject.kind}.` };
  return {
    reason: "NotFound",
    hint: `Install the CRD or API that serves ${subject.kind || subject.resource}, or correct apiVersion.`,
  };
}

function conflictHint(status: ApiStatus): string {
  if (status.reason === "AlreadyExists") return "Choose another name or update the object that is there.";
  if (status.causes.some((cause) => cause.reason === "FieldManagerConflict")) {
    return "Remove the fields from the manifest, or apply with force to take them over.";
  }
  return "Read the object again and repeat the change on it.";
}
