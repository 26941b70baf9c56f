// Runs templates in the real Go: a long-lived oracle-template process that answers one JSON line per request.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { buildGoProgram } from "@plumbline/testkit/go";

export interface OracleRequest {
  mode: "sprig" | "helm" | "chart" | "functions" | "schema";
  name: string;
  template: string;
  /** Further templates of the set, by name. */
  templates?: Record<string, string>;
  data?: unknown;
  missingKey?: "default" | "zero" | "error";
  /** What `now` answers, seconds since 1970. */
  nowSeconds?: number;
  /** Mode "chart": a chart's folder, rendered with its values files. */
  chart?: string;
  valueFiles?: string[];
  set?: string[];
  setString?: string[];
  setJson?: string[];
  setLiteral?: string[];
  /** Mode "helm": the chart's other files, text by path. */
  files?: Record<string, string>;
  /** Mode "schema": a values.schema.json for the data. */
  schema?: string;
}

export interface OracleAnswer {
  output: Uint8Array;
  /** Go's error text. */
  error: string | undefined;
  /** Mode "chart": what loading and rendering took. */
  loadMs?: number;
  renderMs?: number;
}

export interface Oracle {
  run: (request: OracleRequest) => Promise<OracleAnswer>;
  close: () => void;
  pid: number;
}

interface RawAnswer {
  id: number;
  output: string;
  error?: string;
  panic?: string;
  loadMs?: number;
  renderMs?: number;
}

/** Starts the oracle, building it on first use. */
export async function startOracle(): Promise<Oracle> {
  const program = { module: "conformance/oracle-template", package: ".", name: "oracle-template", about: "1 min" };
  const binary = await buildGoProgram(program);
  const child: ChildProcess = spawn(binary, [], { stdio: ["pipe", "pipe", "ignore"], env: { TZ: "UTC" } });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new TypeError("the oracle has no pipes");
  const waiting = new Map<number, { resolve: (answer: RawAnswer) => void; reject: (error: Error) => void }>();
  child.on("exit", (code) => {
    for (const { reject } of waiting.values()) reject(new RangeError(`the oracle ended with ${code}`));
  });
  createInterface({ input: stdout }).on("line", (line) => {
    const answer = JSON.parse(line) as RawAnswer; // our own program's answer
    waiting.get(answer.id)?.resolve(answer);
    waiting.delete(answer.id);
  });
  let id = 0;
  return {
    run: async (request) => {
      const own = ++id;
      const answered = new Promise<RawAnswer>((resolve, reject) => waiting.set(own, { resolve, reject }));
      stdin.write(`${JSON.stringify({ id: own, ...request })}\n`);
      const answer = await answered;
      const error = answer.error === undefined ? answer.panic : Buffer.from(answer.error, "base64").toString("utf8");
      const { loadMs = 0, renderMs = 0 } = answer;
      return { output: Buffer.from(answer.output, "base64"), error, loadMs, renderMs };
    },
    pid: child.pid ?? 0,
    close: () => {
      stdin.end();
    },
  };
}
