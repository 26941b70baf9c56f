// Time as a thing that is handed in, so that tests and the sandbox can step it.

export interface Clock {
  /** Wall-clock time, milliseconds since the epoch; may jump. */
  now(): number;
  /** Milliseconds that only ever grow; for durations and deadlines. */
  monotonic(): number;
  /** Calls back once after `ms` of monotonic time; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

/** Resolves after `ms`, or rejects with the signal's reason. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** A moment as Kubernetes writes it (metav1.Time, RFC 3339): `2026-01-02T03:04:05Z`, whole seconds, rounded down. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
