// Builds a Go program from a module of ours, pinned by its go.mod and go.sum.

import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cachedBinary } from "./cached-binary.ts";
import { checkout } from "./checkout.ts";
import { runGo } from "./run-go.ts";

export interface GoProgram {
  /** Folder with our go.mod, relative to the checkout: `conformance/krusty`. */
  module: string;
  /** What to build: `.`, `./cmd/x`, or the import path of a package the go.mod requires. */
  package: string;
  /** The program's file name. */
  name: string;
  /** Linker flags, such as `-X package.variable=value`; symbols are always stripped. */
  ldflags?: string;
  /** How long the first build takes, for whoever waits: `6 min`. */
  about?: string;
}

/**
 * The path of the binary. It is kept in the cache folder under a key of every file of the module's folder (TypeScript
 * and Markdown excepted), Go's version and the platform. Throws `UsageError` without Go, `BuildFailed` with Go's words.
 */
export async function buildGoProgram(program: GoProgram): Promise<string> {
  const folder = join(checkout, program.module);
  const ldflags = `-s -w ${program.ldflags ?? ""}`.trim();
  const build = async (into: string, title: string): Promise<string> => {
    const file = join(into, program.name);
    const args = ["build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", ldflags, "-o", file];
    await runGo([...args, program.package], { cwd: folder, title, progress: true });
    return file;
  };
  const inputs = [program.package, ldflags, ...(await sources(folder))];
  return cachedBinary({ name: program.name, inputs, build, ...(program.about && { about: program.about }) });
}

/** Throws `UsageError` when there is no Go. */
export async function checkGo(): Promise<void> {
  await runGo(["version"], { cwd: checkout, title: "testing against the real programs" });
}

async function sources(folder: string): Promise<(string | Uint8Array)[]> {
  const entries = globSync("**/*", { cwd: folder, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !/\.(ts|md)$/.test(entry.name));
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  const contents = await Promise.all(paths.map((path) => readFile(path)));
  return paths.flatMap((path, i) => [path.slice(folder.length), contents[i] ?? ""]);
}
