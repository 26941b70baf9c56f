// The one error class: what went wrong, where, why, and the next step.

/**
 * The closed set of reasons. A reason is the condition reason in status and the row in docs/errors.md (which a check
 * holds equal to this list); the words are Flux's where Flux has one (reference: Flux v2.9 condition reasons).
 */
export type Reason =
  // sources
  | "URLInvalid"
  | "AuthenticationFailed"
  | "GitOperationFailed"
  | "ArchiveOperationFailed"
  | "StorageOperationFailed"
  | "SourceUnavailable"
  // deliveries
  | "ArtifactFailed"
  | "InvalidPath"
  | "BuildFailed"
  | "DependencyNotReady"
  | "ReconciliationFailed"
  | "HealthCheckFailed"
  | "HealthCheckCanceled"
  | "PruneFailed"
  | "PruneGuarded"
  | "AccessDenied"
  | "UnsupportedField"
  | "InvalidSpec"
  // rendering engines used on their own
  | "YamlInvalid"
  | "TemplateFailed"
  | "ChartInvalid"
  | "ValuesInvalid"
  | "LimitExceeded"
  // the process and its surroundings
  | "ClusterUnreachable"
  | "Conflict"
  | "NotFound"
  | "UsageError"
  | "Internal";

/** When trying again makes sense. `never` becomes a Stalled condition; `afterMs` waits for something outside. */
export type Retry = "never" | "backoff" | { afterMs: number };

/** Where it happened; every part is optional, lines and columns count from 1. */
export interface Where {
  file?: string;
  line?: number;
  column?: number;
  /** `Kind/namespace/name` */
  object?: string;
  /** A field path such as `spec.template.spec.containers[0].image` */
  field?: string;
}

export interface FailureParts {
  reason: Reason;
  /** What and why, one sentence, stable between runs: no times, no random names, lists sorted. Never a secret. */
  message: string;
  /** The next step, as an instruction. */
  hint?: string;
  where?: Where;
  retry?: Retry;
  cause?: unknown;
}

export class Failure extends Error {
  readonly reason: Reason;
  readonly hint: string | undefined;
  readonly where: Where | undefined;
  readonly retry: Retry;

  constructor(parts: FailureParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = "Failure";
    this.reason = parts.reason;
    this.hint = parts.hint;
    this.where = parts.where;
    this.retry = parts.retry ?? "backoff";
  }
}

/** `file:line:column: object: field`, as far as known. */
export function formatWhere(where: Where | undefined): string {
  if (!where) return "";
  let place = where.file ?? "";
  if (where.line !== undefined) place += `${place ? ":" : "line "}${where.line}`;
  if (where.line !== undefined && where.column !== undefined) place += `:${where.column}`;
  return [place, where.object ?? "", where.field ?? ""].filter((part) => part !== "").join(": ");
}

/** The whole failure on one line: place, message, next step. */
export function formatFailure(failure: Failure): string {
  const place = formatWhere(failure.where);
  const text = place && !failure.message.startsWith(place) ? `${place}: ${failure.message}` : failure.message;
  return failure.hint ? `${text}. ${failure.hint}` : text;
}

/** Wraps whatever was thrown, keeping a Failure as it is. */
export function asFailure(thrown: unknown, reason: Reason = "Internal"): Failure {
  if (thrown instanceof Failure) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure({ reason, message, cause: thrown });
}
