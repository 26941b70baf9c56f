// Tables as kubectl prints them: upper-case heads, three spaces between columns, no lines.

/** Control characters in a cell (status text comes from repositories and servers) must not reach the terminal. */
function clean(cell: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  return cell.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

export function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads.map((head) => head.toUpperCase()), ...rows.map((row) => row.map(clean))];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const format = (line: readonly string[]): string =>
    line.map((cell, column) => (column === line.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 3))).join("");
  return `${lines.map((line) => format(line).trimEnd()).join("\n")}\n`;
}
