// One thing that the visitor can make happen, and what scenes have in common.

import { Failure } from "@plumbline/core/model";
import type { World } from "./world.ts";

export interface SceneResult {
  /** Lines for the visitor, most important first. */
  lines: string[];
  /** The row of the closing table. */
  summary: string;
  tookMs: number;
}

export interface Scene {
  key: string;
  title: string;
  /** What will happen, in one sentence. */
  intro: string;
  /** Needs the sample fleet: changes the repository. */
  needsFleet: boolean;
  /** Steps the clock: only where the operator and the cluster share one of our own. */
  needsOwnClock?: boolean;
  play(world: World): Promise<SceneResult>;
}

/** What runs at the line of the site. */
export const lineFile = (world: World): string => `clusters/${world.site}/line/kustomization.yaml`;
/** Whether the scene can be played in this world. */
export function isOffered(scene: Scene, world: World): boolean {
  return (world.fleet !== undefined || !scene.needsFleet) && (world.step !== undefined || !scene.needsOwnClock);
}

/** Forgets what was recorded; answers when, in monotonic milliseconds. */
export function begin(world: World): number {
  const now = world.clock.monotonic();
  world.recorder.begin(now);
  return now;
}

export function fleetOf(world: World): NonNullable<World["fleet"]> {
  if (!world.fleet) throw new Failure({ reason: "UsageError", message: "this scene needs the sample fleet" });
  return world.fleet;
}

/** A file of the fleet's newest commit. */
export async function readFile(world: World, path: string): Promise<string> {
  return await fleetOf(world).repository.git("show", `main:${path}`);
}
