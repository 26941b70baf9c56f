// TOML's quoting, as BurntSushi writes it.

/** Characters that are written with a backslash, in keys and texts. */
export const shortEscapes = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\f", "\\f"],
  ["\r", "\\r"],
]);

/** A part of a key as it is written. */
export const tomlKey = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : quoteToml(key));

/** Only quotes, backslashes and control characters are escaped; bytes that are no UTF-8 stay. */
export function quoteToml(text: string): string {
  const escaped = text.replaceAll(
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    /["\\\u0000-\u001f\u007f]/g,
    (char) => shortEscapes.get(char) ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}
