// Health of live objects by the rules of kstatus, as Flux applies them.

export { type Health, type HealthContext, type HealthStatus } from "./health.ts";
export { healthOf } from "./health-of.ts";
export { SCHEDULE_WINDOW_MS } from "./kinds/pod.ts";
