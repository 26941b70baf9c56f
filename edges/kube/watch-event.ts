// What a watch tells its caller.

import type { Failure, Manifest } from "@plumbline/core/model";

/**
 * `added` and `modified` carry the object as the server sent it (metadata only when the watch asked for that).
 *
 * `deleted`: the object left the watch, because it is gone or because it no longer fits the selector. `observed` is
 * false when that was found by listing again; the object then holds apiVersion, kind, metadata.{name,namespace,uid}.
 *
 * `synced` comes once, when everything that existed at the start has been told. `disconnected` comes once per outage,
 * `resumed` when the watch is back: what was missed has been told before it where the server could not go on from the
 * last version (410), and follows it otherwise. A clean end that resumes at once is told by neither.
 *
 * `anew`: the server was away for some seconds, and may be back with an older backup. Everything that exists is told
 * from here to the next `resumed`, changed or not, and what is not told by then is gone; versions may be lower than
 * those that were seen.
 */
export type WatchEvent =
  | { type: "added"; object: Manifest }
  | { type: "modified"; object: Manifest }
  | { type: "deleted"; object: Manifest; observed: boolean }
  | { type: "synced"; resourceVersion: string }
  | { type: "disconnected"; failure: Failure }
  | { type: "resumed" }
  | { type: "anew" };
