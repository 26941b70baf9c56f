// `Warning` headers of the API server (RFC 7234 section 5.5, code 299).

const MAX_WARNINGS = 50;
const MAX_WARNING_LENGTH = 500;

/** The texts, in order; `header` is all values joined with `, `. */
export function readWarnings(header: string | undefined): string[] {
  if (header === undefined) return [];
  const texts: string[] = [];
  for (const match of header.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
    texts.push((match[1] ?? "").replace(/\\(.)/g, "$1").slice(0, MAX_WARNING_LENGTH));
    if (texts.length === MAX_WARNINGS) break;
  }
  return texts;
}
