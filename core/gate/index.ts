// Maintenance windows: when a change may go.

export { type Decision, decide, gateAt, isSelected } from "./decide.ts";
export { type Window, type WindowIdentity, maxEntries, nextTurn, parseWindow, stateAt } from "./window.ts";
export { type Calendar, type Freeze, type WindowState, lookAheadMs, maxBoundaries } from "./calendar.ts";
export { type DeliverySelector, type GateChange, type Labels, type ResourceSelector, type Selects } from "./select.ts";
export { maxDurationDays, maxTimeText } from "./parse-time.ts";
export { maxSelectors } from "./parse-selects.ts";
export { type Openings, openingsBetween } from "./openings.ts";
export type { Interval } from "./schedule.ts";
