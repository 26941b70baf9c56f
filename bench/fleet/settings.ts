// Sizes of a bench that the environment may change, to try it in small.

/** `BENCH_COUNT=20`; throws RangeError when it is no positive integer. */
export function setting(
  name: "COUNT" | "ROUNDS" | "CONCURRENCY" | "SECONDS" | "INTERVAL_SECONDS" | "EDITS",
  standard: number,
): number {
  const text = process.env[`BENCH_${name}`];
  const value = text === undefined ? standard : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`BENCH_${name} is no positive integer: ${text}`);
  return value;
}

/** `BENCH_FORM=sources` runs the operator unbuilt; standard is the release. */
export function form(): "bundle" | "sources" {
  const text = process.env["BENCH_FORM"] ?? "bundle";
  if (text !== "bundle" && text !== "sources")
    throw new RangeError(`BENCH_FORM is neither bundle nor sources: ${text}`);
  return text;
}
