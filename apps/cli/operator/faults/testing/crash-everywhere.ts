// All points of a story at which an operator can be killed, and the test over them.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Phase, phases } from "./crash-story.ts";
import { openCrashTest, type Point } from "./crash-test.ts";

/** Operators that are killed together; each has a namespace of its own. */
const AT_ONCE = 24;
/** What happens beside the story (a progress report of a slow run) need not happen again; nearly all else must. */
const MAX_MISSED = 0.05;
/** Something that woke a Kustomization while it was being removed makes it look again: now and then, not always. */
const LOOKED_AGAIN = /^get .* \((?!1\))\d+\)$/;

/**
 * Kills at each point that `isWanted`, before and after each request. All of them take a quarter of an hour:
 * `PLUMBLINE_KILL_PART=2/4` takes the second of four parts.
 */
export async function crashAtRequests(
  t: TestContext,
  isWanted: (point: Pick<Point, "label" | "when">) => boolean,
): Promise<void> {
  const crashes = await openCrashTest(t);
  const requests = await crashes.record();
  const all = phases.flatMap((phase) =>
    requests[phase]
      .flatMap((label) => [
        { phase, label, when: "before" as const },
        { phase, label, when: "after" as const },
      ])
      .filter(isWanted)
      .map((point, i): Point => ({ ...point, restartsOn: isOnSame(phase, i) ? "same commit" : "newer commit" })),
  );
  const points = partOf(all, process.env["PLUMBLINE_KILL_PART"] ?? "1/1");
  const missed: Point[] = [];
  for (let from = 0; from < points.length; from += AT_ONCE)
    missed.push(...(await crashes.crash(points.slice(from, from + AT_ONCE))));
  const texts = missed.map(({ phase, label, when }) => `${phase}: ${when} ${label}`);
  const same = points.filter(({ phase, restartsOn }) => phase !== "removal" && restartsOn === "same commit").length;
  t.diagnostic(
    `${points.length} points, ${same} of them restarted on the commit they died in; no operator came to ${missed.length} of them: ${texts.join(", ")}`,
  );
  assert.ok(same > 0, "none restarted on the commit it died in");
  const unforeseen = missed.filter(({ phase, label }) => phase !== "removal" || !LOOKED_AGAIN.test(label));
  assert.ok(unforeseen.length <= points.length * MAX_MISSED, texts.join(", "));
}

/**
 * Half of the points, by the Thue-Morse sequence: so it is half of those before and of those after a request, and of
 * each part. A removal has no newer commit.
 */
function isOnSame(phase: Phase, index: number): boolean {
  return phase === "removal" || index.toString(2).replaceAll("0", "").length % 2 === 1;
}

function partOf(points: readonly Point[], part: string): Point[] {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(part)?.map(Number) ?? [];
  if (!index || !count || index > count) throw new RangeError(`PLUMBLINE_KILL_PART is not of the form 2/4: ${part}`);
  return points.filter((_, i) => i % count === index - 1);
}
