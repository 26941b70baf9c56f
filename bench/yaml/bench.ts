// How fast is YAML read and written, next to the Go libraries that Kubernetes uses?

import { askGo } from "../../conformance/oracle-yaml/oracle.ts";
import { parseYamlAll, readNodes, toYaml } from "@plumbline/core/yaml";
import { applications } from "./applications.ts";

const DOCUMENTS = 760;
const RUNS = 25;

interface Timing {
  best: number;
  median: number;
}

/** Milliseconds of one run, after the first ones warmed the code up. */
function measure(work: () => unknown): Timing {
  const runs: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    work();
    runs.push(performance.now() - start);
  }
  runs.sort((a, b) => a - b);
  return { best: runs[0] as number, median: runs[RUNS >> 1] as number };
}

export async function bench(say: (line: string) => void): Promise<string> {
  const text = applications(DOCUMENTS);
  say(`${DOCUMENTS} documents, ${text.length} characters`);
  const [answer] = await askGo([{ op: "timings", input: text }]);
  const go = JSON.parse(answer?.output ?? "{}") as Record<"read" | "write" | "trees", [number, number]>;
  const values = parseYamlAll(text).map(({ value }) => value);
  const rows: [string, Timing, [number, number]][] = [
    ["read to JSON (Go: YAMLToJSON)", measure(() => parseYamlAll(text)), go.read],
    ["read to trees with comments (Go: yaml.v3 nodes)", measure(() => readNodes(text)), go.trees],
    ["write from JSON (Go: JSONToYAML)", measure(() => values.map(toYaml)), go.write],
  ];
  const line = ([name, ours, theirs]: [string, Timing, [number, number]]): string =>
    `| ${name} | ${ours.best.toFixed(1)} / ${ours.median.toFixed(1)} | ${theirs[0].toFixed(1)} / ${theirs[1].toFixed(1)} | ${(theirs[0] / ours.best).toFixed(1)}x |`;
  return [
    `${DOCUMENTS} documents, ${(text.length / 1e6).toFixed(2)} MB, warm, milliseconds (best / median), ratio of the best runs:`,
    "",
    "| work | Plumbline | Go | |",
    "|---|---|---|---|",
    ...rows.map(line),
  ].join("\n");
}
