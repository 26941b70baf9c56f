// kill -9 after every write of a story; the long test kills before each as well, and at reads, dry-runs and events.

import { test } from "node:test";
import { crashAtRequests } from "./testing/crash-everywhere.ts";

test("kill -9 after every write: nothing is lost, orphaned or made anew, and the next process ends where Git is", async (t) => {
  await crashAtRequests(
    t,
    ({ label, when }) => when === "after" && /^(apply|delete|create ConfigMap) |^patch .*(status|intents)/.test(label),
  );
});
