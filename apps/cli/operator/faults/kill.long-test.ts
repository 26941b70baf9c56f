// kill -9 before and after every request of a story: writes, reads, dry-runs, discovery and events.
// 172 points on 2026-11-22 in five and a half minutes beside other work: each next process ended where Git is.

import { test } from "node:test";
import { crashAtRequests } from "./testing/crash-everywhere.ts";

test("kill -9 before and after every request: the next process ends where Git is", async (t) => {
  await crashAtRequests(t, () => true);
});
