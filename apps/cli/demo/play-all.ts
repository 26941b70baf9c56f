// The whole story without a person: for CI, recordings and terminals without keys.

import { styleText } from "node:util";
import { formatTable } from "../print/table.ts";
import { paintWith, useColours } from "../print/screen.ts";
import { drawLive } from "./live-tree.ts";
import { requestsText, scenes } from "./scenes.ts";
import { isOffered, type Scene } from "./scene.ts";
import { fleetTree, seconds } from "./tree.ts";
import { isConverged, until } from "./until.ts";
import type { World } from "./world.ts";

export interface StoryReport {
  text: string;
}

interface Row {
  title: string;
  summary: string;
  took: string;
  requests: string;
}

const FLEET_DELIVERIES = 3;

/** Waits for the first convergence and prints the tree. */
export async function showFirst(world: World, startedMs: number): Promise<Row> {
  const colours = useColours();
  const wipe = drawLive(world, "Converging");
  try {
    const count = world.fleet ? FLEET_DELIVERIES : 1;
    await until(world, "the first convergence", () => isConverged(world, undefined, count), 120_000);
  } finally {
    wipe();
  }
  const tookMs = performance.now() - startedMs;
  const lines = fleetTree(world, { colours, objects: true });
  process.stdout.write(
    `${lines.join("\n")}\n\nConverged ${seconds(tookMs)} after the start of the command.\n${hints(world)}\n`,
  );
  const written = [...world.recorder.outcomes.values()].reduce(
    (sum, one) => sum + (one.kind === "applied" ? one.done.length : 0),
    0,
  );
  return {
    title: "first convergence",
    summary: `${written} objects written`,
    took: seconds(tookMs),
    requests: requestsText(world),
  };
}

function hints(world: World): string {
  if (world.kubeconfigPath === undefined) return "";
  const file = world.kubeconfigPath;
  return `Look at it from another terminal:\n  KUBECONFIG=${file} kubectl get kustomizations -A\n  npm run -s plumb -- get all -A --kubeconfig ${file}\n`;
}

/** Plays one scene and prints what was seen. */
export async function playScene(world: World, scene: Scene): Promise<Row> {
  const paint = paintWith(useColours());
  world.requests.take();
  process.stdout.write(`\n${paint("bold", `── ${scene.title}`)}  ${scene.intro}\n`);
  const wipe = drawLive(world, "   …");
  const result = await scene.play(world).finally(wipe);
  for (const line of result.lines) process.stdout.write(`   ${line}\n`);
  process.stdout.write(`${fleetTree(world, { colours: useColours(), objects: false }).join("\n")}\n`);
  return { title: scene.title, summary: result.summary, took: seconds(result.tookMs), requests: requestsText(world) };
}

export async function playAll(world: World, startedMs: number): Promise<StoryReport> {
  const rows = [await showFirst(world, startedMs)];
  for (const scene of scenes) if (isOffered(scene, world)) rows.push(await playScene(world, scene));
  return closing(world, rows);
}

/** The table of what happened, and where to go from here. */
export function closing(world: World, rows: readonly Row[]): StoryReport {
  const table = formatTable(
    ["what", "result", "took", "requests to the API server"],
    rows.map(({ title, summary, took, requests }) => [title, summary, took, requests]),
  );
  const note = world.isSimulated
    ? "Times are those of this machine with a simulated cluster: they are no claim about speed.\n"
    : "";
  const next = "Your own cluster: npm run plumb -- install --export | kubectl apply --server-side -f -\n";
  const heading = useColours() ? styleText("bold", "What happened") : "What happened";
  return { text: `\n${heading}\n${table}${note}${next}` };
}
