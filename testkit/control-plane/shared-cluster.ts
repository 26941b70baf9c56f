// The one control plane that the tests of a run share.

import { type Cluster, clusterOfKubeconfig } from "./cluster.ts";
import { startControlPlane } from "./start.ts";

/** The test runner puts the path of the shared cluster's kubeconfig here. */
export const sharedClusterVariable = "PLUMBLINE_TEST_KUBECONFIG";

let cluster: Promise<Cluster> | undefined;

/**
 * The cluster that all tests of this run share: use a namespace of your own in it, and name cluster-scoped objects
 * after it. A test file that is run on its own starts one, which ends with the process.
 */
export function sharedCluster(): Promise<Cluster> {
  const path = process.env[sharedClusterVariable];
  cluster ??= path === undefined ? startControlPlane() : clusterOfKubeconfig(path);
  return cluster;
}
