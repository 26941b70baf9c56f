// kill -9 before and after every write of a story; the long test takes reads, dry-runs and events as well.

import { test } from "node:test";
import { crashAtRequests } from "./testing/crash-everywhere.ts";

test("kill -9 before and after every write: nothing is lost, orphaned or made anew, and the next process ends where Git is", async (t) => {
  await crashAtRequests(t, (label) => /^(apply|delete) |^patch .*status/.test(label));
});
