// How much of a text is template code: what parsing it costs, in time and memory.

/** Steps for one character between braces: a parsed template takes about a hundred bytes for each. */
export const stepsPerCode = 6;

/** Code in all templates of a chart; the largest public charts have about the half. */
export const maxChartCode = 2_500_000;

/** An action takes memory whatever it says. */
const perAction = 12;

/** Characters between `{{` and `}}`, and some for each pair. */
export function codeLength(text: string): number {
  let length = 0;
  for (let at = text.indexOf("{{"); at >= 0;) {
    const end = text.indexOf("}}", at);
    if (end < 0) return length + text.length - at;
    length += end + 2 - at + perAction;
    at = text.indexOf("{{", end);
  }
  return length;
}
