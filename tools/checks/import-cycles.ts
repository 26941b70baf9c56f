// No group of files imports each other at run time.

import { posix } from "node:path";
import { type SourceFile, type Violation, importsOf } from "./source-file.ts";

/** One violation per cycle, told from its first file by name. Type-only imports do not count. */
export function checkImportCycles(files: readonly SourceFile[]): Violation[] {
  const graph = new Map(files.map((file) => [file.path, targets(file)]));
  return stronglyConnected(graph)
    .filter((group) => group.length > 1)
    .map((group) => group.sort())
    .map((group) => ({ path: group[0] ?? "", message: `imports in a circle with ${group.slice(1).join(", ")}` }));
}

function targets(file: SourceFile): string[] {
  const real = importsOf(file).filter((one) => !one.typeOnly);
  return real.flatMap(({ specifier }) => {
    if (specifier.startsWith(".")) return [posix.join(posix.dirname(file.path), specifier)];
    const door = /^@plumbline\/(.*)$/.exec(specifier)?.[1];
    return door === undefined ? [] : [`${door}/index.ts`];
  });
}

/** Tarjan's algorithm (1972), with the recursion written out: chains of imports are long. */
function stronglyConnected(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const groups: string[][] = [];
  const enter = (node: string): { node: string; next: number } => {
    order.set(node, order.size);
    low.set(node, order.get(node) ?? 0);
    open.push(node);
    return { node, next: 0 };
  };
  const lower = (node: string, value: number): void => void low.set(node, Math.min(low.get(node) ?? 0, value));
  for (const start of graph.keys()) {
    if (order.has(start)) continue;
    const path = [enter(start)];
    for (let frame = path.at(-1); frame; frame = path.at(-1)) {
      const target = graph.get(frame.node)?.[frame.next++];
      if (target !== undefined && graph.has(target)) {
        if (!order.has(target)) path.push(enter(target));
        else if (open.includes(target)) lower(frame.node, order.get(target) ?? 0);
      } else if (target === undefined) {
        path.pop();
        const parent = path.at(-1);
        if (parent) lower(parent.node, low.get(frame.node) ?? 0);
        if (low.get(frame.node) === order.get(frame.node)) groups.push(open.splice(open.indexOf(frame.node)));
      }
    }
  }
  return groups;
}
