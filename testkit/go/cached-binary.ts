// A cache of built programs: `<cache>/go/<name>/<key>/<name>`, each made once and then only read.

import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { cacheDirectory, checkout } from "./checkout.ts";
import { withLock } from "./lock.ts";
import { runGo, say } from "./run-go.ts";

export interface CachedBinary {
  /** The program's file name. */
  name: string;
  /** Everything that decides what comes out, Go's version and the platform excepted. */
  inputs: readonly (string | Uint8Array)[];
  /** How long the first build takes, for whoever waits: `6 min`. */
  about?: string;
  /** Builds into an empty folder and gives the path of the program in it. */
  build: (folder: string, title: string) => Promise<string>;
}

const keptVersions = 5;
const inThisProcess = new Map<string, Promise<string>>();
let toolchain: Promise<string> | undefined;

/** The path of the program, built first if it is not there yet. */
export async function cachedBinary(wanted: CachedBinary): Promise<string> {
  toolchain ??= runGo(["env", "GOVERSION", "GOOS", "GOARCH"], { cwd: checkout, title: `building ${wanted.name}` });
  const key = digest([await toolchain, ...wanted.inputs]);
  const file = join(cacheDirectory(), "go", wanted.name, key, wanted.name);
  let promise = inThisProcess.get(file);
  if (!promise) {
    promise = ensure(file, wanted);
    inThisProcess.set(file, promise);
    promise.catch(() => inThisProcess.delete(file));
  }
  return promise;
}

async function ensure(file: string, wanted: CachedBinary): Promise<string> {
  if (existsSync(file)) return file;
  const folder = dirname(file);
  await mkdir(dirname(folder), { recursive: true });
  const onWait = (): void => say(`waiting for another process that is building ${wanted.name}`);
  await withLock(`${folder}.lock`, () => buildInto(file, wanted), onWait);
  return file;
}

async function buildInto(file: string, wanted: CachedBinary): Promise<void> {
  if (existsSync(file)) return;
  const title = `building ${wanted.name}`;
  const temporary = `${dirname(file)}.building`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary);
  say(`${title} (first time, about ${wanted.about ?? "half a minute"}) ...`);
  try {
    const built = await wanted.build(temporary, title);
    await mkdir(dirname(file), { recursive: true });
    await rename(built, file);
    await prune(dirname(dirname(file)));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Keeps the versions of a program that were built last: sources change often while somebody works on them. */
async function prune(folder: string): Promise<void> {
  const versions = (await readdir(folder)).filter((name) => !name.includes("."));
  if (versions.length <= keptVersions) return;
  const built = await Promise.all(
    versions.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  );
  for (const { name } of built.sort((a, b) => b.at - a.at).slice(keptVersions)) {
    await rm(join(folder, name), { recursive: true, force: true });
    await rm(join(folder, `${name}.lock`), { force: true });
  }
}

function digest(inputs: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(`${input.length}\n`).update(input);
  return hash.digest("hex").slice(0, 20);
}
