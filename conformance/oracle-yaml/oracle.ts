// Asks the Go program of this folder: many questions at once, answers in order.

import { spawn } from "node:child_process";
import { buildGoProgram } from "@plumbline/testkit/go";

export type Op =
  | "toJson"
  | "toJsonStrict"
  | "toYaml"
  | "marshal"
  | "goJson"
  | "goJsonIndent"
  | "goJsonPlain"
  | "nodes"
  | "emit"
  | "emitWide"
  | "resources"
  | "pretty"
  | "timings"
  | "floats";

export interface Question {
  op: Op;
  input: string | Uint8Array;
}

/** `error` is Go's message; `output` then is undefined. */
export interface Answer {
  output: string | undefined;
  error: string | undefined;
}

/** Runs the program once with all the questions. Builds it first when needed. */
export async function askGo(questions: readonly Question[]): Promise<Answer[]> {
  const program = await buildGoProgram({ module: "conformance/oracle-yaml", package: ".", name: "oracle-yaml" });
  const lines = questions.map(
    ({ op, input }) => `${JSON.stringify({ op, input: Buffer.from(input).toString("base64") })}\n`,
  );
  const child = spawn(program, [], { stdio: ["pipe", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`oracle-yaml exited with ${code}`))));
  });
  child.stdin.end(lines.join(""));
  await ended;
  const answers = Buffer.concat(chunks).toString("utf8").trimEnd().split("\n");
  return answers.map((line) => {
    const { output, error } = JSON.parse(line) as { output: string | null; error?: string };
    return error === undefined
      ? { output: Buffer.from(output ?? "", "base64").toString("utf8"), error: undefined }
      : { output: undefined, error };
  });
}
