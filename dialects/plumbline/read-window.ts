// Reads the windows of the cluster.

import { parseWindow, type Window } from "@plumbline/core/gate";
import { type Manifest, own, refOf } from "@plumbline/core/model";

/**
 * The window that a MaintenanceWindow or ClusterMaintenanceWindow (plumbline.io/v1alpha1) describes. Never throws: its
 * mistakes are in `failures`, and then it holds what it selects.
 */
export function readWindow(object: Manifest): Window {
  const { kind, namespace, name } = refOf(object);
  return parseWindow({ kind, namespace, name }, own(object, "spec"));
}
