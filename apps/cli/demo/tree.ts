// The state of the fleet as a tree that a person can read.

import { type DeliveryOutcome, type Failure, formatFailure, refKey } from "@plumbline/core/model";
import { shortRevision } from "../print/revision.ts";
import { type Paint, paintWith } from "../print/screen.ts";
import type { DeliveryTimes } from "./recorder.ts";
import type { World } from "./world.ts";

/** What kinds are shown below a Kustomization; a count stands for the others. */
const MAX_OBJECTS = 12;

export interface TreeOptions {
  colours: boolean;
  /** Show the objects of each Kustomization. */
  objects: boolean;
}

/** Lines without line ends. */
export function fleetTree(world: World, options: TreeOptions): string[] {
  const paint = paintWith(options.colours);
  const { times } = world.recorder;
  const lines: string[] = [];
  for (const key of [...world.operator.engine.sources.keys()].sort()) {
    const source = world.operator.engine.sources.get(key);
    const revision = shortRevision(source?.current?.resolved.revision ?? "");
    const steps = [step("noticed", times.noticed), step("fetched", times.fetched)].filter(Boolean).join("  ");
    const trouble = source?.failure ? paint("red", `  ✗ ${shortText(formatFailure(source.failure))}`) : "";
    lines.push(`${paint("bold", `GitRepository ${key}`)}  ${revision}  ${paint("dim", steps)}${trouble}`);
  }
  const states = [...world.operator.engine.deliveries.all()].sort((a, b) => a.key.localeCompare(b.key));
  states.forEach((state, i) => {
    const isLast = i === states.length - 1;
    const line = deliveryLine(state.key, state.failure, world, paint);
    lines.push(`${isLast ? "└─" : "├─"} ${line}`);
    if (!options.objects) return;
    for (const object of objectLines(state.delivery?.inventory ?? [], world, paint))
      lines.push(`${isLast ? "  " : "│ "}  ${object}`);
  });
  return lines;
}

function deliveryLine(key: string, failure: Failure | undefined, world: World, paint: Paint): string {
  const outcome = world.recorder.outcomes.get(key);
  const times = world.recorder.times.deliveries.get(key);
  const state = world.operator.engine.deliveries.get(key);
  const applied = shortRevision(state?.delivery?.lastAppliedRevision ?? "");
  const mark = failure ? paint("red", "✗") : state?.delivery?.ready ? paint("green", "✔") : paint("yellow", "…");
  const why = failure ? paint("red", `  ${failure.reason}: ${shortText(formatFailure(failure))}`) : "";
  const waiting = state?.held?.length ?? 0;
  const held = waiting === 0 ? "" : paint("yellow", `  ${waiting} held for a window`);
  return `${mark} ${paint("bold", key.split("/")[1] ?? key)}  ${applied}  ${paint("dim", timesText(times, outcome))}${held}${why}`;
}

function timesText(times: DeliveryTimes | undefined, outcome: DeliveryOutcome | undefined): string {
  if (!times) return "";
  const parts = [
    step("rendered", times.rendered),
    step("unchanged", times.reused),
    step("applied", times.applied),
    step("healthy", times.healthy),
  ];
  const changed = outcome?.kind === "applied" && outcome.done.length > 0 ? `${outcome.done.length} written` : "";
  return [...parts, changed].filter(Boolean).join("  ");
}

function objectLines(refs: readonly Parameters<typeof refKey>[0][], world: World, paint: Paint): string[] {
  const lines = refs.slice(0, MAX_OBJECTS).map((ref) => {
    const health = world.operator.engine.deliveries.managed.get(refKey(ref))?.health;
    const name = ref.namespace === "" ? `${ref.kind} ${ref.name}` : `${ref.kind} ${ref.namespace}/${ref.name}`;
    const isFine = health?.status === "Current";
    return isFine ? paint("dim", name) : `${name}  ${paint("yellow", health?.status ?? "")}`;
  });
  return refs.length > MAX_OBJECTS ? [...lines, paint("dim", `and ${refs.length - MAX_OBJECTS} more`)] : lines;
}

function step(name: string, ms: number | undefined): string {
  return ms === undefined ? "" : `${name} ${seconds(ms)}`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** One line, not too long, without control characters. */
export function shortText(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 220 ? `${line.slice(0, 219)}…` : line;
}
