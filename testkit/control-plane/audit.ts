// What reached the API server: its audit log, read and counted.

import { open } from "node:fs/promises";
import type { JsonObject } from "@plumbline/core/model";

/** One finished request (audit.k8s.io/v1 Event), as far as tests look at it. */
export interface AuditEvent {
  stage: string;
  /** get, list, watch, create, update, patch, delete, deletecollection */
  verb: string;
  requestURI: string;
  userAgent?: string;
  user: { username: string };
  impersonatedUser?: { username: string };
  objectRef?: { resource?: string; subresource?: string; namespace?: string; name?: string; apiGroup?: string };
  responseStatus?: { code?: number };
  requestReceivedTimestamp: string;
  stageTimestamp: string;
}

export interface AuditFilter {
  username?: string;
  /** How the user agent begins. */
  userAgent?: string;
  namespace?: string;
}

export interface AuditLog {
  /** The requests that ended (a watch: that began) since the last call with the same reader; oldest first. */
  read(filter?: AuditFilter): Promise<AuditEvent[]>;
  /** Forgets what was written until now. */
  skip(): Promise<void>;
}

export interface RequestCount {
  verb: string;
  /** `deployments`, `kustomizations/status`, or the path of what is no resource: `/openapi/v3`. */
  resource: string;
  dryRun: boolean;
  count: number;
}

/** Metadata of every request, once: when its answer is complete, or begins in the case of a watch. */
export const auditEverything: JsonObject = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata" }],
};

/** Reads a growing log from its start; the API server writes each event before it ends the request. */
export function openAuditLog(file: string): AuditLog {
  let offset = 0;
  const take = async (): Promise<string> => {
    const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (!handle) return "";
    try {
      const { size } = await handle.stat();
      const buffer = Buffer.alloc(size - offset);
      await handle.read(buffer, 0, buffer.length, offset);
      const end = buffer.lastIndexOf(10) + 1;
      offset += end;
      return buffer.toString("utf8", 0, end);
    } finally {
      await handle.close();
    }
  };
  return {
    skip: async () => void (await take()),
    read: async (filter = {}) => parseEvents(await take()).filter((event) => matches(event, filter)),
  };
}

/** Counts by verb, resource and dry-run, the most frequent first. */
export function countRequests(events: readonly AuditEvent[]): RequestCount[] {
  const counts = new Map<string, RequestCount>();
  for (const event of events) {
    const dryRun = event.requestURI.includes("dryRun=All");
    const resource = resourceOf(event);
    const key = `${event.verb} ${resource} ${dryRun}`;
    const known = counts.get(key);
    if (known) known.count++;
    else counts.set(key, { verb: event.verb, resource, dryRun, count: 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

/** A watch has two events, its start and its end: the start counts. */
function parseEvents(text: string): AuditEvent[] {
  const events = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as AuditEvent);
  return events.filter((event) =>
    event.verb === "watch" ? event.stage === "ResponseStarted" : event.stage !== "ResponseStarted",
  );
}

function matches(event: AuditEvent, filter: AuditFilter): boolean {
  return (
    (filter.username === undefined || event.user.username === filter.username) &&
    (filter.userAgent === undefined || (event.userAgent ?? "").startsWith(filter.userAgent)) &&
    (filter.namespace === undefined || event.objectRef?.namespace === filter.namespace)
  );
}

function resourceOf(event: AuditEvent): string {
  const { resource, subresource } = event.objectRef ?? {};
  if (resource === undefined) return event.requestURI.split("?")[0] ?? "";
  return subresource === undefined ? resource : `${resource}/${subresource}`;
}
