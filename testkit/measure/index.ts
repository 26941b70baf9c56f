// Measuring programs from outside: memory, processor time, and comparisons that survive a noisy machine.

export { type ProcessUsage, peakMb, processUsage } from "./process-usage.ts";
export { describeMachine } from "./machine.ts";
export { formatTable, growthExponent, median, quantile } from "./numbers.ts";
