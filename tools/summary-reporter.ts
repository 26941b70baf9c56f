// A reporter of node:test that writes one line of JSON with the counts of a run, for the closing lines of tools/test.ts.

import { isCorpusSkip } from "@plumbline/testkit/corpus";

export interface RunSummary {
  passed: number;
  failed: number;
  /** Skipped for another reason than the corpus. */
  skipped: number;
  corpusNotRun: number;
  /** The tests behind `skipped`: `name: reason`. */
  skips: string[];
}

interface ReporterEvent {
  type: string;
  data: { name?: string; skip?: boolean | string; file?: string; counts?: Record<string, number> };
}

/** The last summary, which belongs to no file, has the totals; it does not come when the run itself breaks. */
export async function* summaryReporter(events: AsyncIterable<ReporterEvent>): AsyncGenerator<string> {
  let corpus = 0;
  const skips: string[] = [];
  let counts: Record<string, number> | undefined;
  for await (const { type, data } of events) {
    if (type === "test:pass" && isCorpusSkip(data.skip)) corpus++;
    else if (type === "test:pass" && data.skip !== undefined && data.skip !== false) {
      skips.push(`${data.name}: ${typeof data.skip === "string" && data.skip !== "" ? data.skip : "no reason given"}`);
    }
    if (type === "test:summary" && data.file === undefined) counts = data.counts;
  }
  if (!counts) return;
  const count = (...names: string[]): number => names.reduce((sum, name) => sum + (counts?.[name] ?? 0), 0);
  const summary: RunSummary = {
    passed: count("passed"),
    failed: count("failed", "cancelled"),
    skipped: count("skipped", "todo") - corpus,
    corpusNotRun: corpus,
    skips,
  };
  yield `${JSON.stringify(summary)}\n`;
}

// oxlint-disable-next-line import/no-default-export -- node:test takes a reporter from a module's default export.
export default summaryReporter;
