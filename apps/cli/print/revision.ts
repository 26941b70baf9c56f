// Revisions as people read them.

/** `main@sha1:1a2b3c4d`, as `flux get` shows it; every digest in the text is cut. */
export function shortRevision(text: string): string {
  return text.replaceAll(/((?:sha1|sha256):[0-9a-f]{8})[0-9a-f]*/g, "$1");
}
