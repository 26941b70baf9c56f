// When a CustomResourceDefinition is healthy.

import type { Manifest } from "@plumbline/core/model";
import { conditionsOf } from "../fields.ts";
import { type Health, current, failed, inProgress } from "../health.ts";

export function customResourceDefinitionRules(object: Manifest): Health {
  for (const { type, status, reason, message } of conditionsOf(object)) {
    if (type === "NamesAccepted" && status === "False") return failed(message);
    if (type !== "Established") continue;
    if (status === "False" && reason !== "Installing") return failed(message);
    if (status === "True") return current("CRD is established");
  }
  return inProgress("Install in progress");
}
