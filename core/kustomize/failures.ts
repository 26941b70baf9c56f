// Failures of a build: what, where and the next step.

import { Failure, type Reason, type Where } from "@plumbline/core/model";

/** A failure that the same input always gives. */
export function buildFailure(message: string, where: Where, hint: string, reason: Reason = "BuildFailed"): Failure {
  return new Failure({ reason, message, hint, where, retry: "never" });
}

/** The same failure with the part of the place filled in that was not known where it was thrown. */
export function locate(thrown: unknown, where: Where, prefix = ""): unknown {
  if (!(thrown instanceof Failure)) return thrown;
  return new Failure({
    reason: thrown.reason,
    message: prefix === "" ? thrown.message : `${prefix}: ${thrown.message}`,
    where: { ...where, ...thrown.where },
    ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
    retry: thrown.retry,
    cause: thrown,
  });
}
