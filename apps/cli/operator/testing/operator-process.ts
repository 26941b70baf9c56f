// An operator in a process of its own that can be killed: `fork` it, its clock is moved by messages.

import { connect, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { movableClock } from "@plumbline/testkit/clock";
import { INTENTS } from "../intents-name.ts";
import { startOperator } from "../start-operator.ts";

export interface OperatorProcessOptions {
  kubeconfigPath: string;
  namespace: string;
  cacheDirectory: string;
  /** RFC 3339: what the wall clock shows at the start. */
  at: string;
  /** The process kills itself (as SIGKILL does) when the answer to the n-th write of Deployments is there. */
  killAtWrite?: number;
  /** The wall clock is moved to this time at that write, before the kill if there is one. */
  atWrite?: { write: number; time: string };
}

export type OperatorMessage = { stepTo: string };

const options = JSON.parse(process.argv[2] ?? "{}") as OperatorProcessOptions; // written by the test that forks it
const clock = movableClock(options.at);
let writes = 0;
const client = connect(loadKubeconfig({ path: options.kubeconfigPath, env: {} }), {
  clock: systemClock({ keepsAlive: true }),
  userAgent: "plumbline-test/0",
  onRequest: ({ verb, resource, dryRun }) => {
    if (verb !== "apply" || resource !== "deployments" || dryRun) return;
    writes++;
    if (options.atWrite?.write === writes) clock.stepTo(options.atWrite.time);
    if (options.killAtWrite === writes) process.kill(process.pid, "SIGKILL");
  },
});
await startOperator({
  client,
  cacheDirectory: options.cacheDirectory,
  clock,
  log: { info: () => undefined, error: (message, fields) => console.error(message, JSON.stringify(fields)) },
  artifacts: { port: 0 },
  engine: { namespace: options.namespace, intents: { namespace: options.namespace, name: INTENTS } },
});
process.on("message", (message: OperatorMessage) => clock.stepTo(message.stepTo));
process.on("disconnect", () => process.exit());
process.send?.("started");
