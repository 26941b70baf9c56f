// Log lines as JSON with the keys that Flux's controllers use, so that `flux logs` and existing queries read them.

import { type Logger, pino } from "pino";

export interface JsonLogOptions {
  level?: "debug" | "info" | "error";
  /** File descriptor; 1 unless told. */
  destination?: number;
}

/** Keys: `level`, `ts` (RFC 3339 with milliseconds), `msg`, and what the caller adds. */
export function jsonLog(options: JsonLogOptions = {}): Logger {
  return pino(
    {
      level: options.level ?? "info",
      base: null,
      messageKey: "msg",
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: options.destination ?? 1, sync: true }),
  );
}
