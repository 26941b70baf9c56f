// Small statistics and tables for what benches print.

/** The middle value, or the mean of the two in the middle; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** The smallest value that at least the share `q` (0 to 1) does not exceed; NaN for no values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN;
}

/** The `k` of `y = c * x^k` that fits best (least squares of the logarithms): 1 is linear, 2 quadratic. */
export function growthExponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (pick: (log: readonly [number, number]) => number): number =>
    logs.reduce((sum, log) => sum + pick(log), 0) / logs.length;
  const [x, y] = [mean((log) => log[0]), mean((log) => log[1])];
  const covariance = mean((log) => (log[0] - x) * (log[1] - y));
  return covariance / mean((log) => (log[0] - x) ** 2);
}

/** A Markdown table; numbers are set to the right. */
export function formatTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const right = head.map((_, i) => rows.every((row) => typeof row[i] === "number"));
  const cells = [head, ...rows].map((row) => row.map(String));
  const width = head.map((_, i) => Math.max(3, ...cells.map((row) => (row[i] ?? "").length)));
  const pad = (text: string, i: number): string =>
    right[i] ? text.padStart(width[i] ?? 0) : text.padEnd(width[i] ?? 0);
  const line = (row: readonly string[]): string => `| ${row.map(pad).join(" | ")} |`;
  const rule = `| ${width.map((w, i) => (right[i] ? `${"-".repeat(w - 1)}:` : "-".repeat(w))).join(" | ")} |`;
  return [line(cells[0] ?? []), rule, ...cells.slice(1).map(line)].join("\n");
}
