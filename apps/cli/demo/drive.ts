// The visitor drives: one key, one scene.

import { emitKeypressEvents } from "node:readline";
import { reportFailure } from "../print/failure.ts";
import { useColours } from "../print/screen.ts";
import { closing, playScene, showFirst, type StoryReport } from "./play-all.ts";
import { scenes } from "./scenes.ts";
import { isOffered } from "./scene.ts";
import { fleetTree } from "./tree.ts";
import type { World } from "./world.ts";

/** Returns when the visitor quits. */
export async function drive(world: World, startedMs: number): Promise<StoryReport> {
  const rows = [await showFirst(world, startedMs)];
  const keys = openKeys();
  try {
    for (;;) {
      process.stdout.write(`\n${menu(world)}\n`);
      const key = await keys.next();
      if (key === "q") break;
      if (key === "t")
        process.stdout.write(`${fleetTree(world, { colours: useColours(), objects: true }).join("\n")}\n`);
      const scene = scenes.find((one) => one.key === key && isOffered(one, world));
      if (!scene) continue;
      try {
        rows.push(await playScene(world, scene));
      } catch (error) {
        reportFailure(error);
      }
    }
  } finally {
    keys.close();
  }
  return closing(world, rows);
}

function menu(world: World): string {
  const offered = scenes.filter((scene) => isOffered(scene, world));
  return `${offered.map((scene) => `[${scene.key}] ${scene.title}`).join("  ")}  [t] tree  [q] quit`;
}

interface Keys {
  next(): Promise<string>;
  close(): void;
}

/** Keys as they are pressed; Ctrl-C counts as it always does. */
function openKeys(): Keys {
  const { stdin } = process;
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.resume();
  const waiting: ((key: string) => void)[] = [];
  const onKey = (_text: string | undefined, key: { name?: string; ctrl?: boolean; sequence?: string }): void => {
    if (key.ctrl && key.name === "c") return void process.kill(process.pid, "SIGINT");
    waiting.shift()?.(key.sequence ?? key.name ?? "");
  };
  stdin.on("keypress", onKey);
  return {
    next: () => new Promise((resolve) => waiting.push(resolve)),
    close: () => {
      stdin.off("keypress", onKey);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
