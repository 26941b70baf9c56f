// The API group of our own kinds and annotations: this is the one place where its name stands.

/** A domain that must be owned before a release. */
export const OWN_GROUP = "plumbline.io";

/** On a delivery: how much of its inventory one run may delete (`30%`), or `off`. */
export const PRUNE_GUARD_ANNOTATION = `${OWN_GROUP}/prune-guard`;
/** On a delivery: the token of the one deletion that may go in spite of the guard. */
export const ALLOW_PRUNE_ANNOTATION = `${OWN_GROUP}/allow-prune`;
