// What the visitor can make happen. Each scene does one thing, waits for its effect and says what was seen.

import {
  digString,
  Failure,
  formatFailure,
  formatRef,
  type JsonObject,
  type ObjectRef,
  type Plan,
  refKey,
  type Repair,
} from "@plumbline/core/model";
import { shortRevision } from "../print/revision.ts";
import { formatCounts } from "./request-count.ts";
import { seconds } from "./tree.ts";
import { begin, fleetOf, lineFile, readFile, type Scene, type SceneResult } from "./scene.ts";
import { isConverged, until } from "./until.ts";
import { holdChange } from "./window-scene.ts";
import type { World } from "./world.ts";

const DEPLOYMENTS = 3;

export const scenes: Scene[] = [
  {
    key: "1",
    title: "change an app",
    intro: "A commit gives the line dashboard a third replica.",
    needsFleet: true,
    play: (world) =>
      changeFile(world, "Line dashboard: three replicas", lineFile(world), (text) =>
        text.includes("count: 2") ? text.replace("count: 2", "count: 3") : text.replace("count: 3", "count: 2"),
      ),
  },
  {
    key: "2",
    title: "edit by hand",
    intro: "Somebody changes an object with kubectl edit.",
    needsFleet: false,
    play: editByHand,
  },
  {
    key: "3",
    title: "break the YAML",
    intro: "A commit with a typo; then one that corrects it.",
    needsFleet: true,
    play: breakYaml,
  },
  {
    key: "4",
    title: "pull the cable",
    intro: "Git is unreachable; drift is still repaired, then the newest commit goes.",
    needsFleet: true,
    play: pullCable,
  },
  {
    key: "5",
    title: "delete a file",
    intro: "A file leaves Git: the plan, then the pruned objects.",
    needsFleet: true,
    play: deleteFile,
  },
  {
    key: "6",
    title: "hold a change",
    intro: "Deployments wait for a maintenance window, settings flow; then time is stepped to the opening.",
    needsFleet: true,
    needsOwnClock: true,
    play: holdChange,
  },
];

/** Commits the change and waits until the whole site is at it. */
async function changeFile(
  world: World,
  message: string,
  path: string,
  edit: (text: string) => string,
): Promise<SceneResult> {
  const text = edit(await readFile(world, path));
  return await commitAndConverge(world, message, { [path]: text });
}

async function commitAndConverge(
  world: World,
  message: string,
  files: Record<string, string | null>,
): Promise<SceneResult> {
  const started = begin(world);
  const commit = await fleetOf(world).repository.commit(files, { message, date: world.clock.now() });
  await until(world, `commit ${commit.slice(0, 8)} on every Kustomization`, () =>
    isConverged(world, commit, DEPLOYMENTS),
  );
  const tookMs = world.clock.monotonic() - started;
  const written = [...world.recorder.outcomes.values()].flatMap((outcome) =>
    outcome.kind === "applied" ? outcome.done : [],
  );
  const lines = written.map(({ ref, did }) => `${formatRef(ref)} ${did}`);
  const renders = [...world.recorder.times.deliveries.values()].filter((times) => times.rendered !== undefined).length;
  return {
    lines: [`rendered ${renders}, reused the others`, ...lines],
    summary: `${written.length} written, ${renders} rendered`,
    tookMs,
  };
}

async function editByHand(world: World): Promise<SceneResult> {
  const target = handTarget(world);
  const started = begin(world);
  const patch = { type: "json" as const, body: [handEdit(target)] };
  await world.client.patch(target, patch, { fieldManager: "kubectl-edit" });
  const repairs = (): Repair[] =>
    world.recorder.repairs.map((one) => one.repair).filter(({ ref }) => refKey(ref) === refKey(target));
  await until(world, "the repair", () => repairs().length > 0);
  const tookMs = world.clock.monotonic() - started;
  const lines = repairs().map((repair) => {
    const who = repair.managers.length > 0 ? repair.managers.join(", ") : "somebody";
    return `${formatRef(repair.ref)}: ${repair.what} by ${who}; ${repair.fields.join(", ")} put right ${seconds(repair.afterMs)} after the event`;
  });
  return { lines, summary: `${target.kind} ${target.name} put right`, tookMs };
}

/** An image where there is one; any object has the label that says whose it is. */
function handEdit(target: ObjectRef): JsonObject {
  if (target.kind === "Deployment") {
    return { op: "replace", path: "/spec/template/spec/containers/0/image", value: "registry.k8s.io/pause:3.1" };
  }
  return { op: "replace", path: "/metadata/labels/kustomize.toolkit.fluxcd.io~1namespace", value: "somebody-else" };
}

/** A Deployment of the fleet, or whatever the visitor's repository has. */
function handTarget(world: World): ObjectRef {
  const refs = [...world.operator.engine.deliveries.all()].flatMap((state) => state.delivery?.inventory ?? []);
  const found =
    refs.find((ref) => ref.kind === "Deployment" && ref.name === "press-control") ??
    refs.find((ref) => ref.kind === "Deployment") ??
    refs.find((ref) => !ref.group.endsWith("fluxcd.io"));
  if (!found) throw new Failure({ reason: "NotFound", message: "the repository gave no object to edit" });
  return found;
}

async function breakYaml(world: World): Promise<SceneResult> {
  const path = lineFile(world);
  const good = await readFile(world, path);
  const started = begin(world);
  const lines = good.split("\n");
  const broken = lines.map((line) => (line.startsWith("namespace: line") ? "namespace: line: oops" : line)).join("\n");
  await fleetOf(world).repository.commit({ [path]: broken }, { message: "A typo", date: world.clock.now() });
  const key = "flux-system/line";
  await until(world, "the failure", () => world.recorder.outcomes.get(key)?.kind === "failed");
  const outcome = world.recorder.outcomes.get(key);
  const message = outcome?.kind === "failed" ? formatFailure(outcome.failure) : "";
  const last = shortRevision(world.operator.engine.deliveries.get(key)?.delivery?.lastAppliedRevision ?? "");
  const tookMs = world.clock.monotonic() - started;
  const fixed = await commitAndConverge(world, "The typo corrected", { [path]: good });
  return {
    lines: [message, `still applied, untouched: ${last}`, `corrected after ${seconds(fixed.tookMs)}`],
    summary: "refused with file and line, last good state kept",
    tookMs,
  };
}

async function pullCable(world: World): Promise<SceneResult> {
  const started = begin(world);
  const fleet = fleetOf(world);
  fleet.unplug();
  await until(world, "the failed fetch", () => world.recorder.sourceFailure !== undefined);
  const failure = world.recorder.sourceFailure;
  const repaired = await editByHand(world);
  const path = lineFile(world);
  const text = (await readFile(world, path)).replace("count: 3", "count: 2");
  const commit = await fleet.repository.commit(
    { [path]: text },
    { message: "Made while the site was offline", date: world.clock.now() },
  );
  const back = begin(world);
  fleet.plug();
  await until(world, "the newest commit", () => isConverged(world, commit, DEPLOYMENTS));
  const tookMs = world.clock.monotonic() - started;
  return {
    lines: [
      `offline: ${failure ? formatFailure(failure) : ""}`,
      `offline and repaired: ${repaired.lines[0] ?? ""}`,
      `online again: at ${commit.slice(0, 8)} after ${seconds(world.clock.monotonic() - back)}`,
    ],
    summary: "healed offline, newest revision when back",
    tookMs,
  };
}

async function deleteFile(world: World): Promise<SceneResult> {
  const path = lineFile(world);
  const text = (await readFile(world, path)).replace(/\n {2}- \.\.\/\.\.\/\.\.\/apps\/line-dashboard\/[^\n]+/, "");
  const without = text
    .replace(/\n {2}- name: line-dashboard\n(?: {4}[^\n]+\n)+/g, "\n")
    .replace(/replicas:\n(?=\S)/, "");
  const result = await commitAndConverge(world, "No dashboard any more", { [path]: without });
  const plan = world.recorder.plans.get("flux-system/line");
  const gone = await missing(world, plan);
  return { ...result, lines: [...planLines(plan), ...gone], summary: `${plan?.prune.length ?? 0} objects pruned` };
}

/** The plan as it was before anything was done. */
export function planLines(plan: Plan | undefined): string[] {
  if (!plan) return [];
  const marks = { create: "+", update: "~", delete: "-", keep: " ", skip: "o", held: "h" } as const;
  const changes = [...plan.stages.flatMap((stage) => stage.changes), ...plan.prune].filter(
    ({ action }) => action !== "keep",
  );
  return changes.map(({ action, ref, reason }) => `plan: ${marks[action]} ${formatRef(ref)}  (${reason})`);
}

async function missing(world: World, plan: Plan | undefined): Promise<string[]> {
  const lines: string[] = [];
  for (const { ref } of plan?.prune ?? []) {
    const live = await world.client.find(ref);
    const isGone = !live || digString(live, "metadata", "deletionTimestamp") !== undefined;
    if (isGone) lines.push(`${formatRef(ref)} is gone`);
  }
  return lines;
}

export function requestsText(world: World): string {
  return formatCounts(world.requests.take());
}
