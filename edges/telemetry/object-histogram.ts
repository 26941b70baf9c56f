// A histogram for each of many objects, told piece by piece: for a thousand objects it is more than a megabyte of text.

export interface ObjectHistogramOptions<Label extends string> {
  name: string;
  help: string;
  labelNames: readonly Label[];
  /** Upper bounds, ascending; `+Inf` goes without saying. */
  buckets: readonly number[];
}

interface Observed {
  /** Observations per bucket, those above all bounds last; not cumulated. */
  counts: number[];
  sum: number;
}

/** Objects whose lines make one piece. */
const OBJECTS_PER_PIECE = 50;

/** The text format of Prometheus, version 0.0.4: prometheus.io/docs/instrumenting/exposition_formats. */
export class ObjectHistogram<Label extends string> {
  readonly #options: ObjectHistogramOptions<Label>;
  /** By their labels as they are written. */
  readonly #objects = new Map<string, Observed>();

  constructor(options: ObjectHistogramOptions<Label>) {
    this.#options = options;
  }

  observe(labels: Readonly<Record<Label, string>>, value: number): void {
    const { buckets } = this.#options;
    const key = this.#keyOf(labels);
    let observed = this.#objects.get(key);
    if (!observed) {
      observed = { counts: Array.from({ length: buckets.length + 1 }, () => 0), sum: 0 };
      this.#objects.set(key, observed);
    }
    const found = buckets.findIndex((bound) => value <= bound);
    const index = found < 0 ? buckets.length : found;
    observed.counts[index] = (observed.counts[index] ?? 0) + 1;
    observed.sum += value;
  }

  /** The object is gone, and what is told of it. */
  remove(labels: Readonly<Record<Label, string>>): void {
    this.#objects.delete(this.#keyOf(labels));
  }

  /** Pieces of text; none when nothing was observed. */
  *expose(): Generator<string, void> {
    const { name, help } = this.#options;
    if (this.#objects.size === 0) return;
    let piece = `# HELP ${name} ${help}\n# TYPE ${name} histogram\n`;
    let count = 0;
    // Those of now: one that is gone and comes back while somebody reads slowly would be told twice.
    const all = [...this.#objects.keys()];
    for (const labels of all) {
      const observed = this.#objects.get(labels);
      if (!observed) continue;
      piece += this.#linesOf(labels, observed);
      count++;
      if (count % OBJECTS_PER_PIECE !== 0) continue;
      yield piece;
      piece = "";
    }
    if (piece !== "") yield piece;
  }

  #linesOf(labels: string, { counts, sum }: Observed): string {
    const { name, buckets } = this.#options;
    let total = 0;
    let lines = "";
    for (const [index, count] of counts.entries()) {
      total += count;
      lines += `${name}_bucket{le="${buckets[index] ?? "+Inf"}",${labels}} ${total}\n`;
    }
    return `${lines}${name}_sum{${labels}} ${sum}\n${name}_count{${labels}} ${total}\n`;
  }

  #keyOf(labels: Readonly<Record<Label, string>>): string {
    return this.#options.labelNames.map((label) => `${label}="${escapeValue(labels[label])}"`).join(",");
  }
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
