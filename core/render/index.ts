// The door of rendering: traced reads and the decision to reuse.

export { type Trace, isUnchanged, traceReads } from "./trace.ts";
