// When a Job is healthy: Flux waits for it to complete.

import { type Manifest, dig } from "@plumbline/core/model";
import { conditionsOf, integerAt, textAt } from "../fields.ts";
import { type Health, current, failed, inProgress } from "../health.ts";

/** A suspended Job is fine; a running one is in progress. Deletion and generations do not count here, as in Flux. */
export function jobRules(object: Manifest): Health {
  if (dig(object, "spec", "suspend") === true) return current("Job is suspended");
  const parallelism = integerAt(object, ["spec", "parallelism"], 1);
  const completions = integerAt(object, ["spec", "completions"], parallelism);
  const active = integerAt(object, ["status", "active"], 0);
  const succeeded = integerAt(object, ["status", "succeeded"], 0);
  const failures = integerAt(object, ["status", "failed"], 0);
  for (const { type, status } of conditionsOf(object)) {
    if (status !== "True") continue;
    if (type === "Complete") return current(`Job Completed. succeeded: ${succeeded}/${completions}`);
    if (type === "Failed") return failed(`Job Failed. failed: ${failures}/${completions}`);
  }
  if (textAt(object, ["status", "startTime"], "") === "") {
    return inProgress(`Job not started. active: 0/${parallelism}`);
  }
  return inProgress(`Job in progress. success:${succeeded}, active: ${active}, failed: ${failures}`);
}
