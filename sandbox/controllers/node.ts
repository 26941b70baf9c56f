// The one simulated node.

import { formatTime } from "@plumbline/core/model";
import type { World } from "../api/world.ts";
import { create, setStatus } from "./actions.ts";

export const nodeName = "sandbox";

/** Creates the node, ready, with room for everything. */
export function nodeController(world: World): void {
  create(world, {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: nodeName, labels: { "kubernetes.io/hostname": nodeName } },
  });
  const state = world.store.get("/nodes", nodeName);
  if (!state) return;
  const now = formatTime(world.clock.now());
  const room = { cpu: "64", memory: "256Gi", pods: "10000" };
  const ready = {
    type: "Ready",
    status: "True",
    reason: "Simulated",
    message: "this node is simulated",
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  setStatus(world, state, { capacity: room, allocatable: room, conditions: [ready] });
}
