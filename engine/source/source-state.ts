// What the engine knows of one source object.

import type { Failure, GitSource, Manifest } from "@plumbline/core/model";
import type { SourceRevision } from "./revision.ts";

export interface SourceState {
  key: string;
  /** As last seen or written; its status is what the next status is compared with. */
  object: Manifest;
  spec: GitSource | undefined;
  /** The newest revision whose files are in the cache. */
  current: SourceRevision | undefined;
  /** Why the last attempt failed; undefined after a success. */
  failure: Failure | undefined;
  /** Attempts that failed in a row. */
  failures: number;
  /** Ends the subscription to the referenced Secret. */
  unsubscribe: (() => void) | undefined;
  secretKey: string;
  /** A revision's artifact that is being made; the next one waits for it. */
  storing: Promise<void>;
}

/** First retry after a failure; doubles up to `MAX_RETRY_MS` (Flux: --min-retry-delay, --max-retry-delay). */
const MIN_RETRY_MS = 750;
const MAX_RETRY_MS = 15 * 60_000;

export function retryDelayMs(failures: number): number {
  return Math.min(MAX_RETRY_MS, MIN_RETRY_MS * 2 ** Math.min(failures - 1, 20));
}
