// How much of a text is template code: what parsing it costs, in time and memory.

/** Steps for one character between braces: a parsed template takes about a hundred bytes for each. */
export const stepsPerCode = 4;

/** Characters of code in all templates of a chart; the largest public charts have less than a tenth. */
export const maxChartCode = 8 * 1024 * 1024;

/** Characters between `{{` and `}}`. */
export function codeLength(text: string): number {
  let length = 0;
  for (let at = text.indexOf("{{"); at >= 0;) {
    const end = text.indexOf("}}", at);
    if (end < 0) return length + text.length - at;
    length += end + 2 - at;
    at = text.indexOf("{{", end);
  }
  return length;
}
