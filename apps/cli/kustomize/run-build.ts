// What `plumb kustomize build` does: a build over the disk, with Git, downloads and charts where they are asked for.

import { existsSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  build,
  type BuildOptions,
  type BuildResult,
  type HelmOptions,
  outputFiles,
  parseRepoUrl,
} from "@plumbline/core/kustomize";
import { Failure } from "@plumbline/core/model";
import { diskTree } from "../disk-tree.ts";
import { writeOut } from "../print/write-out.ts";
import type { BuildFlags } from "./build-options.ts";
import { RemoteRoots } from "./remote-roots.ts";
import { sha256 } from "./sha256.ts";

/** What `--enable-helm` brings. */
export type ChartsOf = (flags: BuildFlags, remote: RemoteRoots) => HelmOptions;

/** Builds and prints, or writes files. Throws `Failure`. */
export async function runBuild(directory: string, flags: BuildFlags, charts?: ChartsOf): Promise<void> {
  refuseFunctions(flags);
  const remote = new RemoteRoots();
  try {
    const options = { ...buildOptions(flags, remote), helm: charts?.(flags, remote) };
    const path = parseRepoUrl(directory) ? directory : resolve(directory).slice(1);
    const result = build(diskTree("/", "path"), path, options);
    for (const warning of result.warnings) process.stderr.write(`# Warning: ${warning}\n`);
    write(flags.output, result);
  } finally {
    remote.remove();
  }
}

function refuseFunctions(flags: BuildFlags): void {
  const { enableAlphaPlugins, enableExec, network, mount, env } = flags;
  const asked = Object.entries({
    "enable-alpha-plugins": enableAlphaPlugins,
    "enable-exec": enableExec,
    network,
    mount: mount.length > 0,
    env: env.length > 0,
  }).find(([, isSet]) => isSet);
  if (!asked) return;
  throw new Failure({
    reason: "UnsupportedField",
    message: `--${asked[0]} is not supported: container and exec functions are not run`,
    hint: "Use built-in generators and transformers.",
    retry: "never",
  });
}

function buildOptions(flags: BuildFlags, remote: RemoteRoots): BuildOptions {
  return {
    sha256,
    loadRestrictions: flags.loadRestrictor === "LoadRestrictionsNone" ? "none" : "rootOnly",
    reorder: flags.reorder === "none" ? "none" : "legacy",
    managedByLabel: flags.enableManagedbyLabel || process.env["KUSTOMIZE_ENABLE_MANAGEDBY_LABEL"] === "on",
    isFileSystem: true,
    fetchRepo: (url) => remote.clone(url),
    fetchFile: (url) => remote.download(url),
  };
}

function write(output: string | undefined, result: BuildResult): void {
  if (output === undefined) writeOut(result.yaml);
  else if (!existsSync(output) || !statSync(output).isDirectory()) writeFileSync(output, result.yaml);
  else for (const [name, text] of outputFiles(result.objects)) writeFileSync(join(output, name), text);
}
