// What the process tells about itself: clock, logs, metrics.

export { systemClock } from "./clock.ts";
export { type ForwardableClock, forwardableClock } from "./forwardable-clock.ts";
export { type JsonLogOptions, jsonLog } from "./json-log.ts";
export { type Metrics, createMetrics } from "./metrics.ts";
