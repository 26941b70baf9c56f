// Finds the corpus for a test, or has the test reported as not run.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

/** How the test runner recognises, by a skipped test's reason, that it is for want of the corpus. */
export function isCorpusSkip(reason: unknown): boolean {
  return typeof reason === "string" && reason.startsWith("corpus:");
}

/** The absolute path of a part (`krusty`, `charts/x.tgz`) below `$PLUMBLINE_CORPUS`, or undefined where there is none. */
export function corpusPath(part: string): string | undefined {
  const root = process.env["PLUMBLINE_CORPUS"];
  const path = root ? join(root, part) : undefined;
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** A test that needs a part of the corpus. Without it the test is skipped, and counted in the closing lines of a run. */
export function corpusTest(
  part: string,
  name: string,
  body: (path: string, t: TestContext) => void | Promise<void>,
): void {
  const path = corpusPath(part);
  if (path === undefined) void test(name, { skip: `corpus: NOT RUN (${part} is absent)` });
  else void test(name, (t) => body(path, t));
}
