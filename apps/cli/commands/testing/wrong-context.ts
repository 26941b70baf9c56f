// A kubeconfig whose current context leads nowhere, and whose other one leads to a cluster.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster, TestHooks } from "@plumbline/testkit/control-plane";

/** Nothing listens on this port. */
const NOWHERE = "https://127.0.0.1:1";

/** Flags that name the kubeconfig, and those that also name the context of `cluster`. */
export function wrongContext(t: TestHooks, cluster: Cluster): { wrong: string[]; right: string[] } {
  const folder = mkdtempSync(join(tmpdir(), "plumb-kubeconfig-"));
  t.after(async () => rmSync(folder, { recursive: true, force: true }));
  const ca = Buffer.from(cluster.caPem).toString("base64");
  const of = (server: string): object => ({ server, "certificate-authority-data": ca });
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "wrong",
    clusters: [
      { name: "nowhere", cluster: of(NOWHERE) },
      { name: "site", cluster: of(cluster.url) },
    ],
    users: [{ name: "admin", user: { token: cluster.adminToken } }],
    contexts: [
      { name: "wrong", context: { cluster: "nowhere", user: "admin" } },
      { name: "right", context: { cluster: "site", user: "admin" } },
    ],
  };
  const path = join(folder, "kubeconfig");
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  const wrong = ["--kubeconfig", path];
  return { wrong, right: [...wrong, "--context", "right"] };
}
