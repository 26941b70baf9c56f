// Work that several callers want at once is done once; it is stopped when the last of them has gone away.

interface Flight<T> {
  promise: Promise<T>;
  controller: AbortController;
  waiting: number;
}

export interface SingleFlight<T> {
  /**
   * Joins the work under `key`, or starts it. The caller's own signal takes only the caller away; `start` gets a signal
   * that fires when nobody waits any more.
   */
  run(key: string, start: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();
  const begin = (key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> => {
    const controller = new AbortController();
    const flight: Flight<T> = { promise: start(controller.signal), controller, waiting: 0 };
    const end = (): void => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    flight.promise.then(end, end);
    flights.set(key, flight);
    return flight;
  };
  return {
    async run(key, start, signal) {
      signal?.throwIfAborted();
      const flight = flights.get(key) ?? begin(key, start);
      flight.waiting++;
      try {
        return await untilAborted(flight.promise, signal);
      } finally {
        flight.waiting--;
        if (flight.waiting === 0) {
          // Whoever comes now must not join work that is being stopped.
          if (flights.get(key) === flight) flights.delete(key);
          flight.controller.abort(new Error("nobody waits for this any more"));
        }
      }
    },
  };
}

/** The promise's outcome, or the signal's reason if that comes first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error); // whatever the caller gave
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
    if (signal.aborted) onAbort();
  });
}

/** Lets at most `limit` pieces of work run at once; the rest wait in line. */
export function createLimiter(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const line: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => line.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next) next();
      else running--;
    }
  };
}
