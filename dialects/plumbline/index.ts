// Plumbline's own kinds: maintenance windows, and the override of them.

export { apiGroup, overrideAnnotation } from "./api-group.ts";
export { clusterMaintenanceWindowDefinition, maintenanceWindowDefinition } from "./crds/window-definitions.ts";
export type { WindowSpec } from "./crds/window-spec-schema.ts";
export type { WindowStatus } from "./crds/window-status-schema.ts";
export { readWindow } from "./read-window.ts";
export { maxOverrideText, type Override, readOverride } from "./override.ts";
export { maxListedHeld, type WindowFacts, type WindowHeld, windowStatus } from "./window-status.ts";
