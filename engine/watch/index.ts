// Watches that are shared: single objects by name, managed objects by kind.

export { ManagedObjects, resourceVersionOf } from "./managed-objects.ts";
export { NamedObjects } from "./named-objects.ts";
export type { Baseline, Suspect, Tracked } from "./tracked.ts";
