// The API group of our own kinds and annotations: this is the one place where its name stands.

/** A domain that must be owned before a release. */
export const OWN_GROUP = "plumbline.io";
