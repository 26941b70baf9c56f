// Clients of the test cluster, closed when the test ends.

import { sharedCluster, type TestHooks, withNamespace } from "@plumbline/testkit/control-plane";
import { type ConnectOptions, connect, type KubeClient, loadKubeconfig, type RequestRecord } from "../index.ts";
import { systemClock } from "@plumbline/edges/telemetry";

const realClock = systemClock({ keepsAlive: true });

export interface TestClient {
  client: KubeClient;
  namespace: string;
  /** Every request so far. */
  records: RequestRecord[];
}

export async function testClient(test: TestHooks, options: Partial<ConnectOptions> = {}): Promise<TestClient> {
  const cluster = await sharedCluster();
  const namespace = await withNamespace(cluster, test, "kube");
  const { client, records } = clientOf(cluster.kubeconfigPath, test, options);
  return { client, namespace, records };
}

export function clientOf(
  path: string,
  test: TestHooks,
  options: Partial<ConnectOptions> = {},
): { client: KubeClient; records: RequestRecord[] } {
  const records: RequestRecord[] = [];
  const client = connect(loadKubeconfig({ path, env: {} }), {
    clock: realClock,
    userAgent: "plumbline-test/0",
    onRequest: (record) => void records.push(record),
    ...options,
  });
  test.after(() => client.close());
  return { client, records };
}

/** Resolves when `isTrue` holds; rejects after 20 s. */
export async function eventually(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`this did not come about within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
