// The recorded answers of a real kube-apiserver v1.36.3, one case a line.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NormalAnswer } from "./normalise.ts";

const file = join(import.meta.dirname, "testdata", "answers.jsonl");

export type Answers = Record<string, NormalAnswer[]>;

export function readAnswers(): Answers {
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => JSON.parse(line) as [string, NormalAnswer[]]));
}

export function writeAnswers(answers: Answers): void {
  writeFileSync(
    file,
    Object.entries(answers)
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join(""),
  );
}
