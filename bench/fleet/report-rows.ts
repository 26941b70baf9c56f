// Rows of tables that several benches print.

import { type AuditEvent, type RequestCount, countRequests } from "@plumbline/testkit/control-plane";
import type { OperatorProcess, Usage } from "./operator-process.ts";
import { form } from "./settings.ts";

/** Requests without those that keep the operator's leases. */
export function countedRequests(events: readonly AuditEvent[]): RequestCount[] {
  return countRequests(events.filter(({ objectRef }) => objectRef?.resource !== "leases"));
}

/** What the operator took, since it was started or since `before`. */
export function usageRows(operator: OperatorProcess, before?: Usage): [string, number][] {
  const after = operator.usage();
  const cpu = after.cpuSeconds - (before?.cpuSeconds ?? 0);
  const apiServer = after.apiServerCpuSeconds - (before?.apiServerCpuSeconds ?? 0);
  return [
    ["CPU, s", rounded(cpu)],
    ["CPU of the API server, s", rounded(apiServer)],
    [`peak RSS since the start (${form()}), MB`, Math.round(after.peakRssMb)],
    ["RSS at the end, MB", Math.round(after.rssMb)],
  ];
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
