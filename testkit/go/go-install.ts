// Installs a released Go program at an exact version, honouring that release's own go.mod.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { cachedBinary } from "./cached-binary.ts";
import { checkout } from "./checkout.ts";
import { runGo } from "./run-go.ts";

export interface ReleasedProgram {
  /** The program's file name. */
  name: string;
  /** Linker flags, such as `-X package.variable=value`; symbols are always stripped. */
  ldflags?: string;
  /** How long the first build takes, for whoever waits: `6 min`. */
  about?: string;
}

/**
 * The path of the binary of `package@version`, such as `sigs.k8s.io/kustomize/kustomize/v5@v5.8.1`. What it depends on
 * is pinned by the release's own go.mod and checked by Go's checksum database. Throws as `buildGoProgram` does.
 */
export async function goInstall(packageAtVersion: string, program: ReleasedProgram): Promise<string> {
  const ldflags = `-s -w ${program.ldflags ?? ""}`.trim();
  const build = async (into: string, title: string): Promise<string> => {
    const args = ["install", "-trimpath", "-ldflags", ldflags, packageAtVersion];
    await runGo(args, { cwd: checkout, title, env: { GOBIN: into }, progress: true });
    const [installed] = await readdir(into);
    if (installed === undefined) throw new RangeError(`${packageAtVersion} is no program: go install made no file`);
    return join(into, installed);
  };
  const inputs = [packageAtVersion, ldflags];
  return cachedBinary({ name: program.name, inputs, build, ...(program.about && { about: program.about }) });
}
