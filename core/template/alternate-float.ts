// Numbers as printf's `#` flag writes them.

/** The `#` flag: always a decimal point, and no trailing zeros removed for %g. */
export function alternateFloat(number: string, format: string, wanted: number): string {
  const isHex = format === "x" || format === "X";
  const tailAt = number.search(isHex ? /[pP]/ : /[eEpP]/);
  let head = tailAt < 0 ? number : number.slice(0, tailAt);
  const tail = tailAt < 0 ? "" : number.slice(tailAt);
  let digits = format === "g" || format === "G" || format === "x" ? (wanted === -1 ? 6 : wanted) : 0;
  const significant = head.slice(1).replace(".", "").replace(/^0+/, "");
  digits -= significant.length;
  if (!head.includes(".")) {
    if (head.length === 2 && head[1] === "0") digits--;
    head += ".";
  }
  return head + "0".repeat(Math.max(digits, 0)) + tail;
}
