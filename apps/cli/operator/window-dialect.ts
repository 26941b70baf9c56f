// Maintenance windows as the engine's window dialect: reading, status, events.

import {
  cleanLine,
  digString,
  formatFailure,
  formatTime,
  isObject,
  type JsonObject,
  metadataMap,
  OWN_GROUP,
} from "@plumbline/core/model";
import { statusPatch } from "@plumbline/core/report";
import {
  clusterMaintenanceWindowDefinition,
  maintenanceWindowDefinition,
  overrideAnnotation,
  readOverride,
  readWindow,
  windowStatus,
} from "@plumbline/dialects/plumbline";
import type { EventText, WindowDialect, WindowKind, WindowReport, Written } from "@plumbline/engine/ports";

/** Kubernetes refuses events whose message is longer than this. */
const MAX_EVENT_MESSAGE = 1024;

export const windowDialect: WindowDialect = {
  kinds: [maintenanceWindowDefinition, clusterMaintenanceWindowDefinition].map(
    ({ group, version, kind, plural, scope }): WindowKind => ({
      group,
      version,
      kind,
      definition: `${plural}.${group}`,
      isNamespaced: scope !== "Cluster",
    }),
  ),
  fieldManager: `${OWN_GROUP.replace(/\..*$/, "")}-windows`,
  readWindow,
  writeWindow,
  overrideText: (object) => metadataMap(object, "annotations")[overrideAnnotation],
  readOverride,
};

function writeWindow(report: WindowReport, nowMs: number): Written {
  const { object, window } = report;
  const held = report.held.map(({ delivery, revision, change }) => ({
    delivery,
    revision,
    object: change.ref,
    change: change.class,
    reason: change.reason,
    until: change.until,
  }));
  const at = formatTime(nowMs);
  const status = windowStatus({ object, window, state: report.state, held, at });
  const recorded = isObject(object.status) ? object.status : undefined;
  const patch = statusPatch(recorded, status)?.status;
  return { status: isObject(patch) ? patch : undefined, events: windowEvents(report, recorded) };
}

/** A turn is told once, and so is a mistake. */
function windowEvents({ window, state }: WindowReport, recorded: JsonObject | undefined): EventText[] {
  if (window.failures.length > 0) {
    const mistakes = cleanLine(window.failures.map(formatFailure).join("; "));
    const message = `Holds everything that it selects: ${mistakes}`;
    return readyMessage(recorded) === message
      ? []
      : [{ type: "Warning", reason: "InvalidSpec", message: cut(message) }];
  }
  const name = state.open ? "Open" : "Closed";
  const before = digString(recorded, "state");
  if (before === undefined || before === name) return [];
  const next = state.open ? state.nextClose : state.nextOpen;
  const until = next === undefined ? "" : ` until ${formatTime(next)}`;
  const why = state.freeze ? `, frozen${state.freeze.reason === "" ? "" : `: ${state.freeze.reason}`}` : "";
  return [
    { type: "Normal", reason: state.open ? "WindowOpened" : "WindowClosed", message: cut(`${name}${until}${why}`) },
  ];
}

function readyMessage(status: JsonObject | undefined): string | undefined {
  const conditions = status?.conditions;
  if (!Array.isArray(conditions)) return undefined;
  return digString(
    conditions.find((each) => isObject(each) && each.type === "Ready"),
    "message",
  );
}

function cut(message: string): string {
  return message.length <= MAX_EVENT_MESSAGE ? message : `${message.slice(0, MAX_EVENT_MESSAGE - 1)}…`;
}
