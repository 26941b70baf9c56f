// Where the operator notes what it is about to create.

/** A ConfigMap in the operator's own namespace. */
export const INTENTS = "plumbline-intents";
