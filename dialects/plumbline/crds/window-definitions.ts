// The two kinds of windows: one for the deliveries of its namespace, one for those of the whole cluster.

import type { CrdDefinition } from "@plumbline/core/crd";
import { apiGroup, apiVersion } from "../api-group.ts";
import { windowSpecSchema } from "./window-spec-schema.ts";
import { windowStatusSchema } from "./window-status-schema.ts";

const both = {
  group: apiGroup,
  version: apiVersion,
  categories: ["plumbline"],
  columns: [
    { name: "State", type: "string", jsonPath: ".status.state" },
    { name: "Next opening", type: "string", jsonPath: ".status.nextOpen" },
    { name: "Next closing", type: "string", jsonPath: ".status.nextClose" },
    { name: "Held", type: "integer", jsonPath: ".status.heldCount" },
    { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  ],
  spec: windowSpecSchema,
  status: windowStatusSchema,
} satisfies Partial<CrdDefinition>;

export const maintenanceWindowDefinition: CrdDefinition = {
  ...both,
  kind: "MaintenanceWindow",
  plural: "maintenancewindows",
  shortNames: ["mw"],
  description: "MaintenanceWindow says when changes of the deliveries in its namespace may go.",
};

export const clusterMaintenanceWindowDefinition: CrdDefinition = {
  ...both,
  kind: "ClusterMaintenanceWindow",
  plural: "clustermaintenancewindows",
  scope: "Cluster",
  shortNames: ["cmw"],
  description: "ClusterMaintenanceWindow says when changes of deliveries in any namespace may go.",
};
