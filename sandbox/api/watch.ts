// WATCH: events of a resource as they happen, with bookmarks and initial events.
// Facts: k8s.io/apiserver pkg/storage/cacher and pkg/endpoints/handlers/watch.go.

import { formatApiVersion, type JsonObject } from "@plumbline/core/model";
import type { ObjectTest } from "../store/selectors.ts";
import type { StoreEvent } from "../store/store.ts";
import { presented } from "./present.ts";
import { invalid, Refusal } from "./refusal.ts";
import { selectorOf } from "./read.ts";
import { booleanQuery } from "./options.ts";
import type { ResourceCall, World } from "./world.ts";

/** How often a watch that wants bookmarks gets one. */
export const bookmarkIntervalMs = 60_000;
const defaultTimeoutMs = 30 * 60_000;
export const initialEventsEnd = "k8s.io/initial-events-end";

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: JsonObject;
}

/** Where events go, and how the watch is told that nobody reads any more. */
export interface WatchSink {
  send(event: WatchEvent): void;
  end(): void;
}

interface Watch {
  readonly world: World;
  readonly call: ResourceCall;
  readonly test: ObjectTest | undefined;
  readonly sink: WatchSink;
}

/**
 * Checks a watch and gives what starts it: it sends what happened since the version that was asked, then everything
 * that happens; what it returns stops it. An old version gets one ERROR event with 410. Throws a `Refusal`.
 */
export function prepareWatch(world: World, call: ResourceCall): (sink: WatchSink) => () => void {
  const test = selectorOf(call);
  const initial = initialMode(call);
  const wantsBookmarks = booleanQuery(call.query, "allowWatchBookmarks");
  return (sink) => startWatch({ world, call, test, sink }, { initial, wantsBookmarks });
}

function startWatch(
  watch: Watch,
  { initial, wantsBookmarks }: { initial: InitialMode; wantsBookmarks: boolean },
): () => void {
  const { world, call, sink } = watch;
  if (initial.list) sendAll(watch);
  else if (!replay(watch, Number(initial.version))) return () => undefined;
  if (initial.endMark && wantsBookmarks) sendBookmark(watch, { [initialEventsEnd]: "true" });
  const stopListening = world.store.listen(call.resource.id, (event) => forward(watch, event));
  const stopBookmarks = wantsBookmarks ? repeatBookmarks(watch) : () => undefined;
  const seconds = Number(call.query.get("timeoutSeconds") ?? 0);
  const cancelTimeout = world.clock.after(seconds > 0 ? seconds * 1000 : defaultTimeoutMs, () => {
    stop();
    sink.end();
  });
  const stop = (): void => {
    stopListening();
    stopBookmarks();
    cancelTimeout();
  };
  return stop;
}

interface InitialMode {
  /** Begin with an ADDED event for every object. */
  readonly list: boolean;
  /** Tell when these are over. */
  readonly endMark: boolean;
  readonly version: string;
}

function initialMode({ query }: ResourceCall): InitialMode {
  const version = query.get("resourceVersion") ?? "";
  checkOptions(query);
  if (version !== "" && !/^\d+$/.test(version)) {
    const shown = JSON.stringify(version);
    const message = `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: invalid syntax`;
    throw new Refusal({ code: 500, reason: "", message });
  }
  if (booleanQuery(query, "sendInitialEvents")) return { list: true, endMark: true, version };
  const isExplicitlyOff = query.has("sendInitialEvents");
  return { list: !isExplicitlyOff && (version === "" || version === "0"), endMark: false, version };
}

/** Options of a watch that contradict each other. */
function checkOptions(query: URLSearchParams): void {
  const match = query.get("resourceVersionMatch") ?? "";
  const refuse = (why: string): Refusal =>
    invalid({ group: "meta.k8s.io", plural: "", kind: "ListOptions" }, "", [
      { reason: "FieldValueForbidden", message: `Forbidden: ${why}`, field: "resourceVersionMatch" },
    ]);
  if (!query.has("sendInitialEvents")) {
    if (match !== "") throw refuse("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  } else if (match !== "NotOlderThan") {
    throw refuse("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  }
}

function sendAll({ world, call, test, sink }: Watch): void {
  for (const state of world.store.list(call.resource.id, call.namespace)) {
    const object = presented(call.resource, state.object);
    if (!test || test(object)) sink.send({ type: "ADDED", object });
  }
}

/** Sends what happened after `from`; false when that is no longer known. */
function replay(watch: Watch, from: number): boolean {
  const { world, call, sink } = watch;
  const events = world.store.eventsSince(call.resource.id, from);
  if (events) {
    for (const event of events) forward(watch, event);
    return true;
  }
  const message = `too old resource version: ${from} (${world.store.revision})`;
  const object = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason: "Expired",
    code: 410,
  };
  sink.send({ type: "ERROR", object });
  sink.end();
  return false;
}

/** An object that leaves the selection is DELETED for the watcher, one that enters it ADDED. */
function forward({ call, test, sink }: Watch, event: StoreEvent): void {
  if (call.namespace !== "" && event.state.namespace !== call.namespace) return;
  const object = presented(call.resource, event.state.object);
  const previous = event.previous && presented(call.resource, event.previous.object);
  const isSelected = event.type !== "DELETED" && (!test || test(object));
  const wasSelected = previous !== undefined && (!test || test(previous));
  if (isSelected) sink.send({ type: wasSelected ? "MODIFIED" : "ADDED", object });
  else if (wasSelected) sink.send({ type: "DELETED", object: withVersionOf(previous, object) });
}

/** What left is shown as it was last selected, at the version of its leaving. */
function withVersionOf(previous: JsonObject, now: JsonObject): JsonObject {
  const version = (now.metadata as JsonObject)["resourceVersion"] ?? "";
  return { ...previous, metadata: { ...(previous.metadata as JsonObject), resourceVersion: version } };
}

function sendBookmark({ world, call, sink }: Watch, annotations?: JsonObject): void {
  const metadata: JsonObject = { resourceVersion: String(world.store.revision), ...(annotations && { annotations }) };
  const { resource } = call;
  sink.send({ type: "BOOKMARK", object: { kind: resource.kind, apiVersion: formatApiVersion(resource), metadata } });
}

function repeatBookmarks(watch: Watch): () => void {
  let cancel = watch.world.clock.after(bookmarkIntervalMs, tick);
  function tick(): void {
    sendBookmark(watch);
    cancel = watch.world.clock.after(bookmarkIntervalMs, tick);
  }
  return () => cancel();
}
