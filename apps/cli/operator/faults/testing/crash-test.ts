// Kills operators at chosen requests and looks at what the next ones make of it.

import { connect, type KubeClient, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { type Cluster, sharedCluster, type TestHooks, withNamespace } from "@plumbline/testkit/control-plane";
import { startTestGitServer, type TestRepository } from "@plumbline/testkit/git-server";
import { installCrds } from "../../testing/site.ts";
import { CrashSite, type Known } from "./crash-site.ts";
import { files, type Phase, phases, type Stage } from "./crash-story.ts";
import { type HostedOperators, hostOperators } from "./hosted-operators.ts";

export interface Point {
  phase: Phase;
  /** As `requests.ts` names requests, with `NS` for the namespace. */
  label: string;
  when: "before" | "after";
  /** What is in Git when the next operator starts: the commit that the killed one was at, or a newer one. */
  restartsOn: "same commit" | "newer commit";
}

export interface CrashTest {
  /** Every request of the story, phase by phase, from a run without a crash. */
  record(): Promise<Record<Phase, string[]>>;
  /** Kills one operator per point, all in one process. The points that no operator came to are returned. */
  crash(points: readonly Point[]): Promise<Point[]>;
}

export async function openCrashTest(test: TestHooks): Promise<CrashTest> {
  const cluster = await sharedCluster();
  const clock = systemClock({ keepsAlive: true });
  const client = connect(loadKubeconfig({ path: cluster.kubeconfigPath, env: {} }), {
    clock,
    userAgent: "plumbline-test/0",
  });
  const git = await startTestGitServer();
  test.after(async () => {
    await client.close();
    await git.close();
  });
  await installCrds(client);
  const repository = await git.create("story");
  for (const branch of ["first", "second", "last"] as const)
    await repository.commit(files[branch], { branch, fresh: true, message: branch });
  const at = { test, cluster, client, repository };
  return { record: () => record(at), crash: (points) => crash(at, points) };
}

interface At {
  test: TestHooks;
  cluster: Cluster;
  client: KubeClient;
  repository: TestRepository;
}

async function openCase(at: At): Promise<CrashSite> {
  const namespace = await withNamespace(at.cluster, at.test, "crash");
  return CrashSite.open({ client: at.client, repository: at.repository, namespace });
}

async function record(at: At): Promise<Record<Phase, string[]>> {
  const site = await openCase(at);
  const running = await hostOperators(at.test, { kubeconfig: at.cluster.kubeconfigPath, sites: [site] });
  const found: Record<Phase, string[]> = { first: [], second: [], removal: [] };
  for (const phase of phases) {
    await running.arm(site.namespace, undefined);
    const from = running.words.length;
    await play(site, phase);
    await running.arm(site.namespace, undefined); // waits until it is quiet
    found[phase] = running.words.slice(from).flatMap((word) => (word.type === "request" ? [word.label] : []));
  }
  await running.kill();
  await site.close();
  return found;
}

/** Lets a phase happen, to its end. */
async function play(site: CrashSite, phase: Phase): Promise<void> {
  const isOver = await begin(site, phase);
  await site.until(`${site.namespace}: the end of ${phase}`, isOver);
}

async function begin(site: CrashSite, phase: Phase): Promise<() => Promise<boolean>> {
  if (phase === "removal") {
    await site.deleteFluxObjects();
    return () => site.isRemoved();
  }
  const commit = await site.push(phase);
  if (phase === "first") await site.createFluxObjects();
  return () => site.isApplied(commit);
}

async function crash(at: At, points: readonly Point[]): Promise<Point[]> {
  const cases = await Promise.all(points.map(async (point) => ({ point, site: await openCase(at) })));
  const host = (): Promise<HostedOperators> =>
    hostOperators(at.test, { kubeconfig: at.cluster.kubeconfigPath, sites: cases.map(({ site }) => site) });
  const doomed = await host();
  const missed: Point[] = [];
  await Promise.all(
    cases.map(async ({ point, site }) => {
      try {
        for (const phase of phases.slice(0, phases.indexOf(point.phase))) await play(site, phase);
        await doomed.arm(site.namespace, point);
        const isOver = await begin(site, point.phase);
        const isParked = (): boolean =>
          doomed.words.some((word) => word.type === "parked" && word.namespace === site.namespace);
        await site.until(point.label, async () => isParked() || (await isOver()));
        if (isParked()) return;
        // What follows the last status: events.
        await new Promise((resolve) => setTimeout(resolve, 1000));
        if (!isParked()) missed.push(point);
      } catch (error) {
        throw new Error(`${String(error)}\n${lastWords(doomed, site.namespace)}`);
      }
    }),
  );
  await doomed.kill();
  const known = await Promise.all(cases.map(({ site }) => site.known()));
  const moving = cases.filter(({ point }) => point.restartsOn === "newer commit");
  await Promise.all(moving.map(({ site }) => site.push("last")));
  const next = await host();
  const checks = await Promise.allSettled(cases.map(({ point, site }, i) => check(site, point, known[i] ?? new Map())));
  await next.kill();
  await Promise.all(cases.map(({ site }) => site.close()));
  const failed = checks.flatMap((checked, i) => {
    const { point } = cases[i] as (typeof cases)[number]; // one check per case
    if (checked.status === "fulfilled") return [];
    const asked = lastWords(next, cases[i]?.site.namespace ?? "");
    return [
      `${point.phase}, ${point.when} ${point.label}, restarted on the ${point.restartsOn}: ${String(checked.reason)}
${asked}`,
    ];
  });
  if (failed.length > 0) throw new Error(`${failed.length} of ${cases.length}:\n${failed.join("\n")}`);
  return missed;
}

/** What the next operator makes of it; `known` is what the killed one left. */
async function check(site: CrashSite, { phase, restartsOn }: Point, known: Known): Promise<void> {
  if (phase === "removal") {
    await site.until("the removal", () => site.isRemoved());
    return await site.assertRemoved();
  }
  const reach = async (stage: Stage, before: Known): Promise<void> => {
    const commit = await site.push(stage);
    await site.until(`the ${stage} commit`, () => site.isApplied(commit));
    await site.assertState(stage, before);
  };
  if (restartsOn === "newer commit") return await reach("last", known);
  await reach(phase, known); // the push changes nothing
  await reach("last", await site.known());
}

/** What an operator asked and complained about last. */
function lastWords(host: HostedOperators, namespace: string): string {
  const said = host.words.flatMap((word) => {
    if (!("namespace" in word) || word.namespace !== namespace) return [];
    if (word.type === "request") return [word.label];
    if (word.type === "note") return [word.text];
    return word.type === "error" ? [`! ${word.text}`] : [];
  });
  return said.slice(-25).join("; ");
}
