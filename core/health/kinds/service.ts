// When a Service is healthy.

import type { Manifest } from "@plumbline/core/model";
import { textAt } from "../fields.ts";
import { type Health, current, inProgress } from "../health.ts";

export function serviceRules(object: Manifest): Health {
  const isBalancer = textAt(object, ["spec", "type"], "ClusterIP") === "LoadBalancer";
  if (isBalancer && textAt(object, ["spec", "clusterIP"], "") === "") {
    return inProgress("ClusterIP not set. Service type: LoadBalancer");
  }
  return current("Service is ready");
}
