// Text of clusters and repositories as it may reach a terminal: without control characters and without text that hides.

/** C0, DEL and C1 (escape sequences begin there); U+2028 and U+2029; marks that turn the direction of text around. */
// oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;
// oxlint-disable-next-line no-control-regex -- as above, without the line feed
const UNSAFE_BUT_LINES = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;
// oxlint-disable-next-line no-control-regex -- those that JSON leaves as they are
const UNSAFE_IN_JSON = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** One line: every run of unsafe characters becomes a space. */
export function cleanLine(text: string): string {
  return text.replaceAll(UNSAFE, " ");
}

/** Line feeds stay, every other run of unsafe characters becomes a space. */
export function cleanText(text: string): string {
  return text.replaceAll(UNSAFE_BUT_LINES, " ");
}

/** JSON text with the unsafe characters that JSON allows written as escapes: it means the same. */
export function cleanJson(text: string): string {
  return text.replaceAll(UNSAFE_IN_JSON, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
