// All points of a story at which an operator can be killed, and the test over them.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { phases } from "./crash-story.ts";
import { openCrashTest, type Point } from "./crash-test.ts";

/** Operators that are killed together; each has a namespace of its own. */
const AT_ONCE = 24;
/** What happens beside the story (a progress report of a slow run) need not happen again; nearly all else must. */
const MAX_MISSED = 0.05;

/**
 * Kills at each point that `isWanted`, before and after each request. All of them take a quarter of an hour:
 * `PLUMBLINE_KILL_PART=2/4` takes the second of four parts.
 */
export async function crashAtRequests(t: TestContext, isWanted: (point: Point) => boolean): Promise<void> {
  const crashes = await openCrashTest(t);
  const requests = await crashes.record();
  const all = phases.flatMap((phase) =>
    requests[phase].flatMap((label): Point[] => [
      { phase, label, when: "before" },
      { phase, label, when: "after" },
    ]),
  );
  const points = partOf(all.filter(isWanted), process.env["PLUMBLINE_KILL_PART"] ?? "1/1");
  const missed: Point[] = [];
  for (let from = 0; from < points.length; from += AT_ONCE)
    missed.push(...(await crashes.crash(points.slice(from, from + AT_ONCE))));
  const texts = missed.map(({ phase, label, when }) => `${phase}: ${when} ${label}`);
  t.diagnostic(`${points.length} points; no operator came to ${missed.length} of them: ${texts.join(", ")}`);
  assert.ok(points.length > 0 && missed.length <= points.length * MAX_MISSED, texts.join(", "));
}

function partOf(points: readonly Point[], part: string): Point[] {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(part)?.map(Number) ?? [];
  if (!index || !count || index > count) throw new RangeError(`PLUMBLINE_KILL_PART is not of the form 2/4: ${part}`);
  return points.filter((_, i) => i % count === index - 1);
}
