// All points of a story at which an operator can be killed, and the test over them.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { phases } from "./crash-story.ts";
import { openCrashTest, type Point } from "./crash-test.ts";

/** Operators that are killed together; each has a namespace of its own. */
const AT_ONCE = 24;
/** What happens beside the story (a progress report of a slow run) need not happen again; nearly all else must. */
const MAX_MISSED = 0.05;

/** Kills at each point that `isWanted`, before and after each request. */
export async function crashAtRequests(t: TestContext, isWanted: (point: Point) => boolean): Promise<void> {
  const crashes = await openCrashTest(t);
  const requests = await crashes.record();
  const all = phases.flatMap((phase) =>
    requests[phase].flatMap((label): Point[] => [
      { phase, label, when: "before" },
      { phase, label, when: "after" },
    ]),
  );
  const points = all.filter(isWanted);
  const missed: Point[] = [];
  for (let from = 0; from < points.length; from += AT_ONCE)
    missed.push(...(await crashes.crash(points.slice(from, from + AT_ONCE))));
  const texts = missed.map(({ phase, label, when }) => `${phase}: ${when} ${label}`);
  t.diagnostic(`${points.length} points; no operator came to ${missed.length} of them: ${texts.join(", ")}`);
  assert.ok(points.length > 0 && missed.length <= points.length * MAX_MISSED, texts.join(", "));
}
