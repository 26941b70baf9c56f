// `plumb kustomize build`: kustomize's build with its flags, rendered in process.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import {
  build,
  outputFiles,
  parseRepoUrl,
  type BuildOptions,
  type BuildResult,
  type RemoteRoot,
  type RepoUrl,
} from "@plumbline/core/kustomize";
import { Failure } from "@plumbline/core/model";
import { diskTree } from "../disk-tree.ts";

interface Flags {
  output?: string;
  loadRestrictor: string;
  reorder?: string;
  enableHelm?: boolean;
  helmCommand: string;
  helmApiVersions: string[];
  helmKubeVersion: string;
  helmDebug?: boolean;
  enableManagedbyLabel?: boolean;
  enableAlphaPlugins?: boolean;
  enableExec?: boolean;
  network?: boolean;
  mount?: string[];
  env?: string[];
  asCurrentUser?: boolean;
}

/** `kustomize` with its one command `build`. */
export function kustomizeCommand(): Command {
  const build = new Command("build")
    .description("build a kustomization from a directory or Git address")
    .argument("[directory]", "directory with a kustomization file, or a Git address", ".")
    .option("-o, --output <path>", "write to this file, or one file per object into this directory")
    .addOption(
      new Option("--load-restrictor <restriction>", "which files kustomizations may read")
        .choices(["LoadRestrictionsRootOnly", "LoadRestrictionsNone"])
        .default("LoadRestrictionsRootOnly"),
    )
    .addOption(new Option("--reorder <order>", "order of the output").choices(["legacy", "none"]))
    .option("--enable-helm", "render helmCharts with the helm program")
    .option("--helm-command <program>", "the helm program", "helm")
    .option("--helm-api-versions <version>", "API version for Helm, repeatable", collect, [])
    .option("--helm-kube-version <version>", "Kubernetes version for Helm", "")
    .option("--helm-debug", "ask Helm for debug output")
    .option("--enable-managedby-label", "add app.kubernetes.io/managed-by")
    .option("--as-current-user", "accepted for compatibility: no container is ever run")
    .addOption(new Option("--enable-alpha-plugins", "refused: plugins are programs").hideHelp())
    .addOption(new Option("--enable-exec", "refused: functions are programs").hideHelp())
    .addOption(new Option("--network", "refused: functions are containers").hideHelp())
    .addOption(new Option("--network-name <name>", "accepted for compatibility: no container is ever run").hideHelp())
    .addOption(new Option("--mount <mount>", "refused: functions are containers").argParser(collect).hideHelp())
    .addOption(new Option("-e, --env <env>", "refused: functions are containers").argParser(collect).hideHelp())
    .action((directory: string, flags: Flags) => runBuild(directory, flags));
  return new Command("kustomize").description("render kustomizations").addCommand(build);
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function refuseFunctions(flags: Flags): void {
  const asked = (["enableAlphaPlugins", "enableExec", "network", "mount", "env"] as const).filter(
    (name) => flags[name],
  );
  const [first] = asked;
  if (!first) return;
  throw new Failure({
    reason: "UnsupportedField",
    message: `--${first.replaceAll(/[A-Z]/g, (char) => `-${char.toLowerCase()}`)} is not supported: container and exec functions are not run`,
    hint: "Use built-in generators and transformers.",
    retry: "never",
  });
}

function runBuild(directory: string, flags: Flags): void {
  refuseFunctions(flags);
  const clones: string[] = [];
  try {
    const repo = parseRepoUrl(directory);
    const options = buildOptions(flags, clones);
    const path = repo ? directory : resolve(directory).slice(1);
    const result = build(diskTree("/"), path, options);
    for (const warning of result.warnings) process.stderr.write(`# Warning: ${warning}\n`);
    write(flags.output, result);
  } finally {
    for (const clone of clones) rmSync(clone, { recursive: true, force: true });
  }
}

function buildOptions(flags: Flags, clones: string[]): BuildOptions {
  const managedBy = flags.enableManagedbyLabel || process.env["KUSTOMIZE_ENABLE_MANAGEDBY_LABEL"] === "on";
  return {
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    loadRestrictions: flags.loadRestrictor === "LoadRestrictionsNone" ? "none" : "rootOnly",
    reorder: flags.reorder === "none" ? "none" : "legacy",
    managedByLabel: managedBy,
    isFileSystem: true,
    fetchRepo: (url) => cloneRepo(url, clones),
    fetchFile: downloadFile,
    helm: flags.enableHelm ? helmOptions(flags) : undefined,
  };
}

function run(program: string, args: string[], options: { timeoutMs: number; what: string; cwd?: string }): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: options.timeoutMs,
    maxBuffer: 1 << 28,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
  });
  if (status === 0) return stdout;
  throw new Failure({
    reason: "SourceUnavailable",
    message: `${options.what}: ${(error?.message ?? stderr).trim()}`,
    hint: `Run ${program} by hand to see more.`,
  });
}

/** As kustomize: a shallow fetch of one ref into a directory that is removed afterwards. */
function cloneRepo(url: RepoUrl, clones: string[]): RemoteRoot {
  const directory = mkdtempSync(join(tmpdir(), "kustomize-"));
  clones.push(directory);
  const git = (...args: string[]): string =>
    run("git", args, { timeoutMs: url.timeoutMs, what: `fetching ${url.cloneUrl}`, cwd: directory });
  git("init", "--quiet");
  git("remote", "add", "--", "origin", url.cloneUrl);
  git("fetch", "--quiet", "--depth=1", "origin", "--", url.ref || "HEAD");
  git("checkout", "--quiet", "FETCH_HEAD");
  if (url.submodules) git("submodule", "update", "--init", "--recursive", "--quiet");
  return { files: diskTree(directory), revision: git("rev-parse", "HEAD").trim() };
}

const DOWNLOAD_TIMEOUT_MS = 60_000;
const DOWNLOAD_PROGRAM = `
const response = await fetch(process.argv[1]);
if (!response.ok) process.exit(22);
process.stdout.write(Buffer.from(await response.arrayBuffer()));
`;

/** The engine is synchronous: a child process downloads. Undefined when the server has no such file. */
function downloadFile(url: string): Uint8Array | undefined {
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", DOWNLOAD_PROGRAM, "--", url], {
    timeout: DOWNLOAD_TIMEOUT_MS,
    maxBuffer: 1 << 28,
  });
  return status === 0 ? stdout : undefined;
}

const HELM_TIMEOUT_MS = 300_000;

function helmOptions(flags: Flags): NonNullable<BuildOptions["helm"]> {
  const helm = (args: string[], what: string): string =>
    run(flags.helmCommand, args, { timeoutMs: HELM_TIMEOUT_MS, what });
  return {
    kubeVersion: flags.helmKubeVersion,
    apiVersions: flags.helmApiVersions,
    render: (request) => {
      const scratch = mkdtempSync(join(tmpdir(), "kustomize-helm-"));
      try {
        const chart =
          request.directory === undefined ? pullChart(request, scratch, helm) : join("/", request.directory);
        const values = request.values.flatMap((text, i) => {
          const file = join(scratch, `values-${i}.yaml`);
          writeFileSync(file, text);
          return ["-f", file];
        });
        const debug = flags.helmDebug ? ["--debug"] : [];
        return helm(
          ["template", ...templateArguments(request, chart), ...values, ...debug],
          `rendering ${request.name}`,
        );
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    },
  };
}

type HelmRequest = Parameters<NonNullable<BuildOptions["helm"]>["render"]>[0];

function templateArguments(request: HelmRequest, chart: string): string[] {
  return [
    ...(request.releaseName === "" ? ["--generate-name"] : [request.releaseName]),
    chart,
    ...(request.namespace === "" ? [] : ["--namespace", request.namespace]),
    ...(request.nameTemplate === "" ? [] : ["--name-template", request.nameTemplate]),
    ...request.apiVersions.flatMap((version) => ["--api-versions", version]),
    ...(request.kubeVersion === "" ? [] : ["--kube-version", request.kubeVersion]),
    ...(request.includeCrds ? ["--include-crds"] : []),
    ...(request.skipTests ? ["--skip-tests"] : []),
    ...(request.skipHooks ? ["--no-hooks"] : []),
  ];
}

function pullChart(request: HelmRequest, scratch: string, helm: (args: string[], what: string) => string): string {
  const oci = request.repo.startsWith("oci://");
  helm(
    [
      "pull",
      "--untar",
      "--untardir",
      scratch,
      ...(oci ? [`${request.repo.replace(/\/$/, "")}/${request.name}`] : ["--repo", request.repo, request.name]),
      ...(request.version === "" ? [] : ["--version", request.version]),
      ...(request.devel ? ["--devel"] : []),
    ],
    `pulling ${request.name}`,
  );
  return join(scratch, request.name);
}

function write(output: string | undefined, result: BuildResult): void {
  if (output === undefined) {
    process.stdout.write(result.yaml);
  } else if (existsSync(output) && statSync(output).isDirectory()) {
    for (const [name, text] of outputFiles(result.objects)) writeFileSync(join(output, name), text);
  } else {
    writeFileSync(output, result.yaml);
  }
}
