// Asks the Go program of this folder what Flux sends for objects.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { JsonObject } from "@plumbline/core/model";
import { buildGoProgram } from "@plumbline/testkit/go";

const timeoutMs = 240_000;

export interface Sent {
  object?: JsonObject;
  /** Go's message where it gives up. */
  error?: string;
}

/** One answer for each object, in order. */
export async function askFlux(objects: readonly JsonObject[]): Promise<Sent[]> {
  const program = await buildGoProgram({
    module: "conformance/oracle-flux-normalize",
    package: ".",
    name: "oracle-flux-normalize",
    about: "1 min",
  });
  const child = spawn(program, { timeout: timeoutMs });
  child.stdin.end(objects.map((object) => `${JSON.stringify(object)}\n`).join(""));
  const [output, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const lines = output.split("\n").filter((line) => line !== "");
  if (lines.length !== objects.length) {
    throw new RangeError(`oracle-flux-normalize answered ${lines.length} of ${objects.length} objects: ${said}`);
  }
  return lines.map((line) => JSON.parse(line) as Sent);
}
