// The tree while it changes: drawn again in place at each event, on terminals only.

import { fleetTree } from "./tree.ts";
import type { World } from "./world.ts";

/** Not drawn more often than this. */
const FRAME_MS = 60;

/** Draws until the returned function is called, which wipes the drawing: the caller prints the final tree. */
export function drawLive(world: World, title: string): () => void {
  const { stdout } = process;
  if (!stdout.isTTY) return () => undefined;
  const startedMs = world.clock.monotonic();
  let height = 0;
  const wipe = (): void => {
    if (height > 0) stdout.write(`\u001b[${height}A\u001b[0J`);
    height = 0;
  };
  const draw = (): void => {
    const seconds = ((world.clock.monotonic() - startedMs) / 1000).toFixed(1);
    const lines = [`${title}  ${seconds} s`, ...fleetTree(world, { colours: false, objects: false })];
    wipe();
    stdout.write(lines.map((line) => `${line.slice(0, Math.max(20, stdout.columns - 1))}\n`).join(""));
    height = lines.length;
  };
  let cancel = (): void => undefined;
  const tick = (): void => {
    draw();
    cancel = world.clock.after(FRAME_MS, tick);
  };
  tick();
  return () => {
    cancel();
    wipe();
  };
}
