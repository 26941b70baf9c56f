// Two recordings of the same life, field by field: what differs, and which differences have a reason.

import { digString, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import type { Recording } from "./life.ts";

export interface Difference {
  step: string;
  /** `kustomization.status.conditions[Ready].message` */
  path: string;
  flux: JsonValue | undefined;
  plumbline: JsonValue | undefined;
}

/** A difference that is meant. */
export interface Allowed {
  path: RegExp;
  /** Of which steps; all when undefined. */
  step?: RegExp;
  reason: string;
}

/** Times, names, versions and random parts become words, so that only what the engines chose is left. */
export function normalized(recordings: readonly Recording[], name: string): Recording[] {
  const text = JSON.stringify(recordings)
    .replaceAll(name, "NAME")
    .replaceAll(/https?:\/\/127\.0\.0\.1:\d+/g, "http://HOST")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "TIME")
    .replaceAll(/\b(finished in|passed in|failed after) [0-9.]+(?:ms|µs|s)/g, "$1 DURATION")
    .replaceAll(/"lastReconciledDuration":"[^"]*"/g, '"lastReconciledDuration":"DURATION"')
    .replaceAll(/\/tmp\/kustomization-\d+/g, "/tmp/kustomization-N");
  const parsed = JSON.parse(text) as Recording[];
  return withoutServerFields(parsed as unknown as JsonValue) as unknown as Recording[]; // some fields go, the shape stays
}

/** Only the API server chooses them. */
const SERVER_FIELDS = new Set(["uid", "resourceVersion", "clusterIP", "clusterIPs"]);

function withoutServerFields(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutServerFields);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !SERVER_FIELDS.has(key));
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutServerFields(each)]));
}

/** Every field in which they differ; both are normalized. */
export function differences(flux: readonly Recording[], plumbline: readonly Recording[]): Difference[] {
  const found: Difference[] = [];
  flux.forEach((theirs, index) => {
    const ours = plumbline[index];
    const { step } = theirs;
    if (ours?.step !== step) throw new RangeError(`the lives are not the same: ${step} and ${ours?.step}`);
    const compare = (path: string, a: JsonValue | undefined, b: JsonValue | undefined): void =>
      diff({ step, path, flux: a, plumbline: b }, found);
    compare("kustomization", theirs.kustomization, ours.kustomization);
    compare("repository", theirs.repository, ours.repository);
    compare("objects", theirs.objects, ours.objects);
    compare("events", eventsByText(theirs.events), eventsByText(ours.events));
  });
  return found;
}

/** Events have no order and random names: each is known by whom it is about and what it says. */
function eventsByText(events: readonly JsonObject[]): JsonObject {
  const named = events.map((event): [string, JsonValue] => {
    const { metadata, count: _count, firstTimestamp: _first, lastTimestamp: _last, ...rest } = event;
    const about = digString(event, "involvedObject", "kind") ?? "";
    const [type, reason, message] = ["type", "reason", "message"].map((field) => digString(event, field) ?? "");
    const annotations = isObject(metadata) ? (metadata.annotations ?? {}) : {};
    return [`${about} ${type} ${reason}: ${message}`, { ...rest, annotations }];
  });
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function diff(at: Difference, found: Difference[]): void {
  const { flux, plumbline, path, step } = at;
  if (isObject(flux) && isObject(plumbline)) {
    for (const key of new Set([...Object.keys(flux), ...Object.keys(plumbline)])) {
      const below = /^[\w-]+$/.test(key) ? `${path}.${key}` : `${path}["${key}"]`;
      diff({ step, path: below, flux: flux[key], plumbline: plumbline[key] }, found);
    }
  } else if (Array.isArray(flux) && Array.isArray(plumbline)) {
    diffLists(at, { flux, plumbline }, found);
  } else if (JSON.stringify(flux) !== JSON.stringify(plumbline)) {
    found.push(at);
  }
}

/** Items of a list are compared by place; conditions and managers are called by their names. */
function diffLists(
  at: Difference,
  { flux, plumbline }: { flux: JsonValue[]; plumbline: JsonValue[] },
  found: Difference[],
): void {
  for (let i = 0; i < Math.max(flux.length, plumbline.length); i++) {
    const name = nameOf(flux[i] ?? plumbline[i], i);
    diff({ step: at.step, path: `${at.path}[${name}]`, flux: flux[i], plumbline: plumbline[i] }, found);
  }
}

function nameOf(item: JsonValue | undefined, index: number): string {
  if (!isObject(item)) return String(index);
  if (typeof item.type === "string") return item.type;
  if (typeof item.manager === "string") return `${item.manager} ${digString(item, "subresource") ?? ""}`.trim();
  return String(index);
}

/** Those without a reason, and the reasons that nothing needs any more. */
export function judge(
  found: readonly Difference[],
  allowed: readonly Allowed[],
): { unexplained: Difference[]; unused: Allowed[] } {
  const used = new Set<Allowed>();
  const unexplained = found.filter(({ path, step }) => {
    const reason = allowed.find((one) => one.path.test(path) && (one.step === undefined || one.step.test(step)));
    if (reason) used.add(reason);
    return reason === undefined;
  });
  return { unexplained, unused: allowed.filter((one) => !used.has(one)) };
}
