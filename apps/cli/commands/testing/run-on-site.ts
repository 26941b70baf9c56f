// The operator as its users start it, for a site of the tests: `plumb run` in a process of its own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedCluster, type TestHooks } from "@plumbline/testkit/control-plane";
import { openSite, type Site } from "../../operator/testing/site.ts";
import { type Running, startPlumb } from "./plumb.ts";

export interface RunSite {
  site: Site;
  /** Starts `plumb run` with these flags beside those that keep it to itself; it runs until the test ends. */
  start: (...more: string[]) => Running;
}

/**
 * A site whose own operator has been stopped, after it had installed what a cluster needs. Without `watchAll` the
 * process sees only the site's namespace; with it the flags must tell its objects apart.
 */
export async function openRunSite(t: TestHooks, options: { watchAll?: boolean } = {}): Promise<RunSite> {
  const { kubeconfigPath } = await sharedCluster();
  const site = await openSite(t);
  await site.operator.engine.synced;
  await site.operator.stop();
  const start = (...more: string[]): Running => {
    const storage = mkdtempSync(join(tmpdir(), "plumb-run-"));
    t.after(async () => rmSync(storage, { recursive: true, force: true }));
    const addresses = ["--health-addr", "--metrics-addr", "--storage-addr"].flatMap((flag) => [flag, "127.0.0.1:0"]);
    const cluster = ["--kubeconfig", kubeconfigPath, "--runtime-namespace", site.namespace];
    const scope = options.watchAll === true ? [] : ["--no-watch-all-namespaces"];
    return startPlumb(t, ["run", ...cluster, ...scope, ...addresses, "--storage-path", storage, ...more]);
  };
  return { site, start };
}
