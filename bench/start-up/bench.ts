// How long do `plumb kustomize build` and `plumb helm template` take from start to finish, beside the real programs?

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { releasedPlumb } from "../release.ts";
import { Failure } from "@plumbline/core/model";
import { helmBinary, kustomizeBinary } from "@plumbline/testkit/go";

const checkout = resolve(import.meta.dirname, "../..");

interface Contender {
  name: string;
  command: string[];
}

interface Run {
  wallMs: number;
  cpuMs: number;
}

function failed(command: readonly string[], stderr: string): Failure {
  const hint = "Run it by hand; npm ci and npm run bundle must have passed.";
  return new Failure({ reason: "BuildFailed", message: `${command.join(" ")}: ${stderr.trim()}`, hint });
}

/** The shell's clock counts in milliseconds and includes the children's user and system time. */
function timed({ command }: Contender): Run {
  const script = `TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>/dev/null`;
  const { stderr, status } = spawnSync("bash", ["-c", script, "bash", ...command], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  if (status !== 0) throw failed(command, stderr);
  const [wall = NaN, user = NaN, system = NaN] = stderr.trim().split(" ").map(Number);
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}

/** Peak resident memory in MB as the kernel kept it; undefined where GNU time is missing. */
function peakMb({ command }: Contender): number | undefined {
  if (!existsSync("/usr/bin/time")) return undefined;
  const { stderr } = spawnSync("/usr/bin/time", ["-f", "\n%M", ...command], {
    encoding: "utf8",
  });
  return Math.round(Number(stderr.trim().split("\n").at(-1)) / 1024);
}

function quantile(values: readonly number[], q: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN).toFixed(0);
}

/** They take turns; the first round fills caches and is not counted. */
function race(contenders: readonly Contender[], rounds: number): string[] {
  for (const contender of contenders) timed(contender);
  const runs = new Map(contenders.map((contender) => [contender, [] as Run[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [contender, taken] of runs) taken.push(timed(contender));
  }
  return [...runs].map(([contender, taken]) => {
    const walls = taken.map(({ wallMs }) => wallMs);
    const cpu = taken.map(({ cpuMs }) => cpuMs);
    const figures = [quantile(walls, 0), quantile(walls, 0.5), quantile(cpu, 0), quantile(cpu, 0.5)];
    return `| ${contender.name} | ${figures.join(" | ")} | ${peakMb(contender) ?? "not measured"} |`;
  });
}

/** The same arguments to every form of `plumb`, then the real program. */
function contenders(
  title: string,
  { release, args, real }: { release: string; args: readonly string[]; real: readonly string[] },
): Contender[] {
  return [
    { name: `${title}: plumb unbuilt`, command: [process.execPath, join(checkout, "apps/cli/plumb.ts"), ...args] },
    { name: `${title}: plumb, the release`, command: [process.execPath, join(release, "plumb.mjs"), ...args] },
    { name: `${title}: the real program`, command: [...real] },
  ];
}

function writeChart(directory: string): string {
  const chart = join(directory, "web");
  mkdirSync(join(chart, "templates"), { recursive: true });
  writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: web\nversion: 1.0.0\n");
  writeFileSync(join(chart, "values.yaml"), "replicas: 2\nlabels: {a: b}\n");
  const object = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name | trunc 20 | quote }}\n  labels: {{- toYaml .Values.labels | nindent 4 }}\n`;
  for (let i = 0; i < 10; i++) writeFileSync(join(chart, `templates/object-${i}.yaml`), object);
  return chart;
}

/** `BENCH_ROUNDS` sets how often each runs, 20 unless told. */
export async function bench(say: (line: string) => void): Promise<string> {
  const rounds = Number(process.env["BENCH_ROUNDS"] ?? 20);
  const directory = mkdtempSync(join(tmpdir(), "plumbline-start-up-"));
  try {
    const release = dirname(releasedPlumb());
    const kustomize = await kustomizeBinary();
    const floor: Contender = { name: "node, an empty program", command: [process.execPath, "-e", "0"] };
    const before = loadavg()[0]?.toFixed(1);
    const lines = race([floor], rounds);
    for (const [title, folder] of [
      ["kustomize build, 1 KB", "examples/fleet/clusters/hall-north"],
      ["kustomize build, 2 KB with patches", "apps/cli/quick/usual-input/kustomization/overlay"],
    ] as const) {
      say(title);
      const build = ["build", join(checkout, folder)];
      const args = ["kustomize", ...build];
      lines.push(...race(contenders(title, { release, args, real: [kustomize, ...build] }), rounds));
    }
    say("helm template");
    const template = ["template", "web", writeChart(directory)];
    const real = [await helmBinary(), ...template];
    lines.push(...race(contenders("helm template", { release, args: ["helm", ...template], real }), rounds));
    return [
      `${cpus().length} cores, load ${before} before; ${rounds} rounds, taking turns.`,
      "",
      "| program | wall least, ms | wall median | CPU least, ms | CPU median | peak memory, MB |",
      "|---|---|---|---|---|---|",
      ...lines,
    ].join("\n");
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
