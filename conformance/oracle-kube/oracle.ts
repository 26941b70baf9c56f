// Asks client-go: many questions to one run of the Go program beside this file.

import { spawn } from "node:child_process";
import { buildGoProgram } from "@plumbline/testkit/go";

export type Question =
  | { op: "proxy"; url: string; env: Record<string, string> }
  | { op: "kubeconfig"; files: string[]; context: string }
  | { op: "impersonate"; user: string; groups: string[]; uid: string; extra: Record<string, string[]> }
  | { op: "segment"; name: string }
  | { op: "warnings"; headers: string[] };

export type Answer = { value: unknown } | { error: string };

/** One answer per question, in order. */
export async function askClientGo(questions: readonly Question[]): Promise<Answer[]> {
  const program = { module: "conformance/oracle-kube", package: ".", name: "oracle-kube", about: "1 min" };
  const child = spawn(await buildGoProgram(program), { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(questions));
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer); // no encoding is set, so chunks are buffers
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Answer[]; // our own program's answer
}
