// A control plane without nodes: this stands in for the kubelet and says of every Pod that it runs.

import { digString, formatTime, type ObjectRef, refOf } from "@plumbline/core/model";
import { connect, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";

const POD = { group: "", version: "v1", kind: "Pod" };

/** Every new Pod becomes Running and Ready, every deleted one goes at once. Returns how to stop. */
export function simulatePods(cluster: { kubeconfigPath: string }): () => Promise<void> {
  const config = loadKubeconfig({ path: cluster.kubeconfigPath, env: {} });
  const client = connect(config, { clock: systemClock({ keepsAlive: true }), userAgent: "test-kubelet/0" });
  const settle = async (ref: ObjectRef, isGoing: boolean): Promise<void> => {
    if (isGoing) return void (await client.delete(ref, { gracePeriodSeconds: 0 }));
    const lastTransitionTime = formatTime(Date.now());
    const conditions = ["Initialized", "PodScheduled", "ContainersReady", "Ready"].map((type) => ({
      type,
      status: "True",
      lastTransitionTime,
    }));
    await client.patch(
      ref,
      { type: "merge", body: { status: { phase: "Running", conditions } } },
      { subresource: "status" },
    );
  };
  client.watch({
    resource: POD,
    on: (event) => {
      if (event.type !== "added" && event.type !== "modified") return;
      const isGoing = digString(event.object, "metadata", "deletionTimestamp") !== undefined;
      if (!isGoing && digString(event.object, "status", "phase") === "Running") return;
      settle(refOf(event.object), isGoing).catch(() => undefined); // it may be gone by now
    },
  });
  return () => client.close();
}
