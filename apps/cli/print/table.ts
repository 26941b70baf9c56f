// Tables as kubectl prints them: upper-case heads, three spaces between columns, no lines.

import { cleanLine } from "@plumbline/core/model";

export function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads.map((head) => head.toUpperCase()), ...rows.map((row) => row.map(cleanLine))];
  const widths = heads.map((_, column) =>
    lines.reduce((widest, line) => Math.max(widest, (line[column] ?? "").length), 0),
  );
  const format = (line: readonly string[]): string =>
    line.map((cell, column) => (column === line.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 3))).join("");
  return `${lines.map((line) => format(line).trimEnd()).join("\n")}\n`;
}
