// What happens in the engine as log lines and metrics, with the keys that Flux's controllers use.

import {
  countPlan,
  type DeliveryOutcome,
  type Failure,
  type HeldChange,
  formatFailure,
  formatRef,
  formatWhere,
} from "@plumbline/core/model";
import type { Metrics } from "@plumbline/edges/telemetry";
import type { EngineEvent, Log } from "@plumbline/engine/ports";

/** A listener for `OperatorOptions.onEvent`. */
export function logEvents(log: Log, metrics: Metrics): (event: EngineEvent) => void {
  return (event) => {
    if (event.type === "source")
      log.info(`revision ${event.step}`, { ...about("GitRepository", event.key), revision: event.revision });
    else if (event.type === "source-failed")
      log.error("fetch failed", { ...about("GitRepository", event.key), ...failureFields(event.failure) });
    else if (event.type === "planned") {
      log.info("planned", {
        ...about("Kustomization", event.key),
        revision: event.revision,
        plan: countPlan(event.plan),
      });
    } else if (event.type === "held") toldHeld(event, log, metrics);
    else if (event.type === "window") toldWindow(event, log, metrics);
    else if (event.type === "overriding") toldOverriding(event, log);
    else if (event.type === "delivery") {
      if (event.step === "rendered" || event.step === "reused") metrics.built(event.step);
    } else if (event.type === "waiting")
      log.info("waiting", { ...about("Kustomization", event.key), ...failureFields(event.failure) });
    else if (event.type === "delivery-gone") metrics.gone({ kind: "Kustomization", ...nameOf(event.key) });
    else if (event.type === "delivery-ended") ended(event.key, event.outcome, log, metrics);
    else if (event.type === "repair-failed")
      log.error("repair failed", { ...about("Kustomization", event.key), ...failureFields(event.failure) });
    else if (event.type === "repaired") {
      const { ref, what, managers, fields, afterMs } = event.repair;
      log.info("drift corrected", {
        ...about("Kustomization", event.key),
        object: formatRef(ref),
        what,
        managers,
        fields,
        afterMs: Math.round(afterMs),
      });
      metrics.repaired(nameOf(event.key), afterMs / 1000);
    }
  };
}

/** One line names this many held objects. */
const MAX_LISTED = 20;

type EventOf<Type extends EngineEvent["type"]> = Extract<EngineEvent, { type: Type }>;

function toldHeld({ key, revision, held, released }: EventOf<"held">, log: Log, metrics: Metrics): void {
  const fields = { ...about("Kustomization", key), revision };
  const names = (changes: readonly HeldChange[]): string[] =>
    changes.slice(0, MAX_LISTED).map(({ ref }) => formatRef(ref));
  if (released.length > 0)
    log.info("changes released", { ...fields, count: released.length, objects: names(released) });
  const [first] = held;
  if (first) {
    const { reason, until, windows } = first;
    log.info("changes held", { ...fields, count: held.length, objects: names(held), reason, until, windows });
  }
  metrics.held({ kind: "Kustomization", ...nameOf(key) }, held.length);
}

function toldWindow({ window, step, isOpen, failure }: EventOf<"window">, log: Log, metrics: Metrics): void {
  const fields = { window: formatRef(window), state: isOpen ? "Open" : "Closed" };
  if (failure)
    log.error("maintenance window has a mistake and holds what it selects", { ...fields, ...failureFields(failure) });
  else log.info(`maintenance window ${step}`, fields);
  metrics.window(window, step === "gone" ? undefined : isOpen);
}

function toldOverriding({ key, overriding }: EventOf<"overriding">, log: Log): void {
  const fields = about("Kustomization", key);
  if (overriding.state === "refused")
    log.error("override refused", { ...fields, ...failureFields(overriding.failure) });
  else if (overriding.state === "ended") log.info("override ended", fields);
  else
    log.info("maintenance windows overridden", {
      ...fields,
      who: overriding.who,
      why: overriding.reason,
      until: overriding.until,
    });
}

function ended(key: string, outcome: DeliveryOutcome, log: Log, metrics: Metrics): void {
  const fields = {
    ...about("Kustomization", key),
    revision: outcome.kind === "finalized" ? undefined : outcome.revision,
  };
  const object = { kind: "Kustomization", ...nameOf(key) };
  if (outcome.kind === "applied" || outcome.kind === "held") {
    log.info(`Reconciliation finished in ${Math.round(outcome.durationMs)}ms`, {
      ...fields,
      changed: outcome.done.length,
    });
    metrics.reconciled(object, outcome.durationMs / 1000, "success");
    if (outcome.kind === "applied") metrics.ready(object, true);
  } else if (outcome.kind === "failed") {
    log.error(`Reconciliation failed after ${Math.round(outcome.durationMs)}ms`, {
      ...fields,
      ...failureFields(outcome.failure),
    });
    metrics.reconciled(object, outcome.durationMs / 1000, "error");
    metrics.ready(object, false);
  }
}

function nameOf(key: string): { namespace: string; name: string } {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}

function about(kind: string, key: string): Record<string, unknown> {
  const object = nameOf(key);
  return { controller: kind.toLowerCase(), controllerKind: kind, [kind]: object, ...object };
}

function failureFields(failure: Failure): Record<string, unknown> {
  const where = formatWhere(failure.where);
  return { reason: failure.reason, error: formatFailure(failure), ...(where === "" ? {} : { where }) };
}
