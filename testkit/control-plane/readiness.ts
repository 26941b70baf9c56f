// When a control plane counts as ready.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type JsonObject, type JsonValue, dig, digString } from "@plumbline/core/model";
import { files, type Layout } from "./arguments.ts";
import { type Cluster, apiRequest } from "./cluster.ts";

/** The API server's own word. Refused and reset connections are what "not yet" looks like. */
export async function isReady(at: Layout & { adminToken: string }): Promise<boolean> {
  const caPem = await readFile(join(at.folder, files.certificate), "utf8").catch(() => undefined);
  if (caPem === undefined) return false;
  const cluster = { kubeconfigPath: "", url: `https://127.0.0.1:${at.apiPort}`, caPem, adminToken: at.adminToken };
  return apiRequest(cluster, { path: "/readyz" }).then(
    (answer) => answer.status === 200,
    () => false,
  );
}

/** Custom resources that were there before answer too: their storage starts after the server calls itself ready. */
export async function servesCustomResources(cluster: Cluster): Promise<boolean> {
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const definitions = (await apiRequest(cluster, { path })).json();
  const paths = list(definitions, "items").flatMap(servedPaths);
  const answers = await Promise.all(paths.map((served) => apiRequest(cluster, { path: `${served}?limit=1` })));
  return answers.every((answer) => answer.status === 200);
}

/** The controller manager works: the namespace `default` has its ServiceAccount. */
export async function hasDefaultAccount(cluster: Cluster): Promise<boolean> {
  return (await apiRequest(cluster, { path: "/api/v1/namespaces/default/serviceaccounts/default" })).status === 200;
}

function servedPaths(definition: JsonValue): string[] {
  const isEstablished = list(definition, "status", "conditions").some(
    (condition) => digString(condition, "type") === "Established" && digString(condition, "status") === "True",
  );
  if (!isEstablished) return [];
  const group = digString(definition, "spec", "group");
  const plural = digString(definition, "spec", "names", "plural");
  const served = list(definition, "spec", "versions").filter((version) => (version as JsonObject)["served"] === true);
  return served.map((version) => `/apis/${group}/${digString(version, "name")}/${plural}`);
}

function list(value: JsonValue | undefined, ...path: string[]): JsonValue[] {
  const found = dig(value, ...path);
  return Array.isArray(found) ? found : [];
}
