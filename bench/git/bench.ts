// From a push to readable files in a repository of 1000 applications, beside the libraries of Flux's source-controller.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openArtifactStore } from "@plumbline/edges/artifact";
import { openRecords } from "@plumbline/edges/disk";
import { type GitCache, openGitCache } from "@plumbline/edges/git";
import { systemClock } from "@plumbline/edges/telemetry";
import { startTestGitServer, type TestRepository } from "@plumbline/testkit/git-server";
import { buildGoProgram } from "@plumbline/testkit/go";

const APPLICATIONS = 1000;
const KINDS = ["deployment", "service", "ingress", "serviceaccount", "kustomization"];
const ROUNDS = 7;
const POLLS = 20;
const ref = { branch: "main" };

interface Setting {
  directory: string;
  git: GitCache;
  repository: TestRepository;
  paths: readonly string[];
  flux: string;
}

/** One line per question: median and worst in milliseconds; the peer in the same rounds, alternating. */
export async function bench(say: (line: string) => void): Promise<string> {
  const module = "conformance/oracle-flux-source";
  const flux = await buildGoProgram({ module, package: ".", name: "oracle-flux-source", about: "1 min" });
  const server = await startTestGitServer();
  const directory = await mkdtemp(join(tmpdir(), "plumbline-bench-git-"));
  const clock = systemClock({ keepsAlive: true });
  const records = openRecords({ directory: join(directory, "records") });
  const git = openGitCache({ directory: join(directory, "git"), clock, records });
  try {
    const files: Record<string, string> = {};
    for (let i = 0; i < APPLICATIONS; i++) {
      for (const kind of KINDS) files[`apps/app${i}/${kind}.yaml`] = `kind: ${kind}\nname: app${i}\n`.repeat(8);
    }
    const repository = await server.create("fleet", files);
    return await measure({ directory, git, repository, paths: Object.keys(files), flux }, say);
  } finally {
    await git.close();
    await server.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(setting: Setting, say: (line: string) => void): Promise<string> {
  const { directory, git, repository, paths } = setting;
  const { url } = repository;
  const store = openArtifactStore({ directory: join(directory, "artifacts"), clock: systemClock() });
  const rows = new Map<string, number[]>();
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work();
    rows.set(name, [...(rows.get(name) ?? []), performance.now() - started]);
    return result;
  };
  for (let round = 0; round < ROUNDS; round++) {
    say(`round ${round + 1} of ${ROUNDS}`);
    await repository.commit({ [`apps/app${round}/deployment.yaml`]: `changed: ${round}\n` });
    const snapshot = await timed(
      round === 0 ? "first fetch until readable" : "changed file until readable",
      async () => {
        const { commit } = await git.resolve({ url, ref });
        await git.fetch({ url, ref, commit });
        const opened = await git.snapshot({ url, commit });
        await opened.load([`apps/app${round}/deployment.yaml`]);
        return opened;
      },
    );
    await timed("Flux: clone and archive", () => runFlux(setting, round));
    await timed(round === 0 ? "read all 5000 files, first time" : "read all 5000 files, one of them new", () =>
      snapshot.load(paths),
    );
    const revision = `main@sha1:${snapshot.commit}`;
    await timed("archive (beside the deliveries)", () =>
      store.store({ namespace: "a", name: "b", revision, snapshot }),
    );
    snapshot.release();
  }
  for (let i = 0; i < POLLS; i++) await timed("poll, nothing new", () => git.resolve({ url, ref }));
  return table(rows);
}

async function runFlux({ flux, directory, repository }: Setting, round: number): Promise<void> {
  const work = await mkdtemp(join(directory, `flux-${round}-`));
  await promisify(execFile)(flux, [
    repository.url,
    join(work, "source"),
    join(work, "archive.tar.gz"),
    JSON.stringify(ref),
  ]);
  await rm(work, { recursive: true });
}

function table(rows: ReadonlyMap<string, readonly number[]>): string {
  const lines = [...rows].map(([name, samples]) => {
    const sorted = [...samples].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    return `| ${name} | ${samples.length} | ${median.toFixed(1)} | ${(sorted.at(-1) ?? 0).toFixed(1)} |`;
  });
  return ["| what | times | median ms | worst ms |", "|---|---|---|---|", ...lines].join("\n");
}
