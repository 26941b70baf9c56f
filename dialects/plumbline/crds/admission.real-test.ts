// A real API server refuses what it can check of a window, and never what the operator takes for right.

import { test } from "node:test";
import { connect, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import { checkAdmission } from "../testing/admission.ts";

test("a real API server refuses what it can check of a window, and never what the operator takes for right", async (t) => {
  const cluster = await sharedCluster();
  const client = connect(loadKubeconfig({ path: cluster.kubeconfigPath, env: {} }), {
    clock: systemClock({ keepsAlive: true }),
    userAgent: "plumbline-test/0",
  });
  t.after(() => client.close());
  await checkAdmission(client);
});
