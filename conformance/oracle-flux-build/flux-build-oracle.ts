// Asks the Go program that builds as Flux does.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { JsonObject } from "@plumbline/core/model";
import { buildGoProgram } from "@plumbline/testkit/go";
import type { BuildCase } from "./cases.ts";

export interface FluxBuild {
  /** The result as YAML; what the digest of `status.history` is made from. */
  yaml: string;
  digest: string;
  objects: JsonObject[] | null;
  /** The objects as Flux applies them: through Go's types, owner labels aside. */
  sent: JsonObject[] | null;
  /** The kustomization file that was built; empty when making it failed. */
  generated: string;
  error?: string;
}

/** The owner that all cases have. */
export const owner = { name: "apps", namespace: "flux-system" };

const timeoutMs = 240_000;

/** What to build: files, or a folder (`root`) on disk that is left as it was. */
export type FluxRequest = Omit<BuildCase, "files" | "name"> & { files?: BuildCase["files"]; root?: string };

/** One answer for each request; with `generateOnly` nothing is built and only `generated` or `error` is set. */
export async function askFlux(requests: readonly FluxRequest[], generateOnly = false): Promise<FluxBuild[]> {
  const program = await buildGoProgram({
    module: "conformance/oracle-flux-build",
    package: ".",
    name: "oracle-flux-build",
    about: "1 min",
  });
  const child = spawn(program, { timeout: timeoutMs });
  for (const { files, root, path, spec } of requests) {
    const kustomization = {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: owner,
      spec,
    };
    child.stdin.write(`${JSON.stringify({ files, root, path, kustomization, generateOnly })}\n`);
  }
  child.stdin.end();
  const [output, warnings] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const lines = output.split("\n").filter((line) => line !== "");
  if (lines.length !== requests.length)
    throw new RangeError(`${lines.length} answers for ${requests.length} requests: ${warnings.slice(-1000)}`);
  return lines.map((line) => JSON.parse(line) as FluxBuild);
}
