// What the engine knows of one source object.

import type { Failure, GitSource } from "@plumbline/core/model";
import type { SeenObject } from "../watch/seen-object.ts";
import type { SourceRevision } from "./revision.ts";

export interface SourceState extends SeenObject {
  key: string;
  spec: GitSource | undefined;
  /** The newest revision whose files are in the cache. */
  current: SourceRevision | undefined;
  /** Why the last attempt failed; undefined after a success. */
  failure: Failure | undefined;
  /** Attempts that failed in a row. */
  failures: number;
  /** Statuses in a row that could not be written. */
  unwritten: number;
  /** Ends the subscription to the referenced Secret. */
  unsubscribe: (() => void) | undefined;
  secretKey: string;
  /** Ends the run under way: the spec that it works for is no more. */
  abort: AbortController | undefined;
  /** A revision's artifact that is being made; the next one waits for it. */
  storing: Promise<void>;
}
