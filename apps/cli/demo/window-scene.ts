// The scene of the maintenance window: a commit of which a part waits, the calendar, time stepped to the opening.

import { stateAt } from "@plumbline/core/gate";
import {
  digString,
  Failure,
  formatRef,
  type HeldChange,
  type JsonObject,
  type Manifest,
  refOf,
  sleep,
} from "@plumbline/core/model";
import { apiGroup } from "@plumbline/dialects/plumbline";
import { systemClock } from "@plumbline/edges/telemetry";
import { calendarBlock, legend } from "../print/calendar.ts";
import { screenWidth, useColours, useUnicode } from "../print/screen.ts";
import { formatUntil, formatWhen } from "../print/when.ts";
import { foundWindow } from "../windows/found-window.ts";
import { begin, fleetOf, lineFile, readFile, type SceneResult } from "./scene.ts";
import { seconds } from "./tree.ts";
import { isConverged, until } from "./until.ts";
import type { World } from "./world.ts";

const DELIVERY = "flux-system/line";
const MANAGER = "plumb-demo";
const NAMESPACE = "flux-system";
const DELIVERIES = 3;
const LOOKS = 200;
const LOOK_MS = 50;
/** What the lines of a scene are indented by. */
const INDENT = 3;

/** Usual hours of a plant; the first that is closed now is played, so that there is something to wait for. */
const hours: JsonObject[] = [
  { open: "0 8 * * MON", close: "0 17 * * THU" },
  { open: "0 18 * * THU", close: "0 6 * * MON" },
];

function maintenanceWindow(now: number): Manifest {
  const timeZone = Temporal.Now.timeZoneId();
  const made = hours.map((schedule): Manifest => ({
    apiVersion: `${apiGroup}/v1alpha1`,
    kind: "MaintenanceWindow",
    metadata: { name: "shift-hours", namespace: NAMESPACE },
    spec: {
      timeZone,
      schedules: [schedule],
      selects: { resources: [{ group: "apps", kind: "Deployment" }], changes: ["Revision"] },
    },
  }));
  const closed = made.find((manifest) => !stateAt(foundWindow(manifest).window, now).open);
  if (!closed) throw new Failure({ reason: "Internal", message: "both windows of the demo are open at once" });
  return closed;
}

export async function holdChange(world: World): Promise<SceneResult> {
  const { step } = world;
  if (!step) throw new Failure({ reason: "UsageError", message: "this scene needs a clock of its own" });
  const manifest = maintenanceWindow(world.clock.now());
  await world.client.apply(manifest, { fieldManager: MANAGER, force: true });
  try {
    await inForce(world, manifest);
    const { commit, lines: atOnce } = await commitWhileClosed(world);
    const calendar = calendarLines(manifest, world.clock.now());
    const opened = await stepToOpening(world, { manifest, commit, step });
    return {
      lines: [...atOnce, "", ...calendar, "", ...opened.lines],
      summary: `settings at once, ${opened.count} objects at the opening`,
      tookMs: opened.tookMs,
    };
  } finally {
    await world.client.delete(refOf(manifest));
  }
}

/** The operator has read it: whatever comes now is decided by it. */
async function inForce(world: World, manifest: Manifest): Promise<void> {
  const clock = systemClock({ keepsAlive: true });
  for (let looks = 0; looks < LOOKS; looks++) {
    if (digString(await world.client.get(refOf(manifest)), "status", "state") !== undefined) return;
    await sleep(clock, LOOK_MS);
  }
  throw new Failure({ reason: "Internal", message: "the demo waited in vain for the window to be read" });
}

async function commitWhileClosed(world: World): Promise<{ commit: string; lines: string[] }> {
  const path = lineFile(world);
  const text = await readFile(world, path);
  const from = /presses=(\d)/.exec(text)?.[1] ?? "";
  const changed = text.replace(`presses=${from}`, `presses=${from === "2" ? "3" : "2"}`);
  begin(world);
  const commit = await fleetOf(world).repository.commit(
    { [path]: changed },
    { message: "A press more or less", date: world.clock.now() },
  );
  await until(world, "the held change", () => world.recorder.outcomes.get(DELIVERY)?.kind === "held");
  const outcome = world.recorder.outcomes.get(DELIVERY);
  if (outcome?.kind !== "held") throw new Failure({ reason: "Internal", message: "nothing was held" });
  const zone = Temporal.Now.timeZoneId();
  return {
    commit,
    lines: [
      ...outcome.done.map(({ ref, did }) => `at once: ${formatRef(ref)} ${did}`),
      ...outcome.held.map((held) => heldLine(held, zone, world.clock.now())),
    ],
  };
}

function heldLine({ ref, reason, until: opens }: HeldChange, zone: string, now: number): string {
  return `held ${formatUntil(opens, zone, now)}: ${formatRef(ref)} (${reason})`;
}

function calendarLines(manifest: Manifest, now: number): string[] {
  const style = {
    colours: useColours(),
    unicode: useUnicode(),
    width: Math.min(80, screenWidth()) - INDENT,
  };
  const { window, zone = "UTC" } = foundWindow(manifest);
  const { lines, usedSigns } = calendarBlock(window, { now, zone }, style);
  return [`plumb windows --calendar: ${window.identity.name}, ${zone}`, ...lines, legend(usedSigns, style)];
}

interface Opened {
  lines: string[];
  count: number;
  tookMs: number;
}

interface Waiting {
  manifest: Manifest;
  commit: string;
  step: (ms: number) => void;
}

async function stepToOpening(world: World, { manifest, commit, step }: Waiting): Promise<Opened> {
  const { window, zone = "UTC" } = foundWindow(manifest);
  const before = world.clock.now();
  const { nextOpen = before } = stateAt(window, before);
  const hoursAway = ((nextOpen - before) / 3_600_000).toFixed(1);
  step(nextOpen - before);
  const started = begin(world);
  await until(world, "the opening", () => isConverged(world, commit, DELIVERIES));
  const tookMs = world.clock.monotonic() - started;
  const done = [...world.recorder.outcomes.values()].flatMap((outcome) =>
    outcome.kind === "applied" ? outcome.done : [],
  );
  const opening = `time stepped by ${hoursAway} h to ${formatWhen(nextOpen, zone, before)}: the window opens`;
  return {
    lines: [
      opening,
      ...done.map(({ ref, did }) => `${formatRef(ref)} ${did}`),
      `all at the newest commit ${seconds(tookMs)} later`,
    ],
    count: done.length,
    tookMs,
  };
}
