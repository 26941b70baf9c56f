// The sandbox refuses the windows that a real API server refuses.

import { test } from "node:test";
import { connect, parseKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { startSandbox } from "@plumbline/sandbox/server";
import { checkAdmission } from "../testing/admission.ts";

test("the sandbox refuses what it can check of a window, and never what the operator takes for right", async (t) => {
  const clock = systemClock({ keepsAlive: true });
  const sandbox = await startSandbox({ clock });
  const client = connect(parseKubeconfig(sandbox.kubeconfig, { origin: "sandbox", env: {} }), {
    clock,
    userAgent: "plumbline-test/0",
  });
  t.after(async () => {
    await client.close();
    await sandbox.stop();
  });
  await checkAdmission(client);
});
