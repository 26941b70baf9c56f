// What a test needs inside a cluster: a namespace of its own, a ServiceAccount's token.

import { randomBytes } from "node:crypto";
import { Failure, digString } from "@plumbline/core/model";
import { type ApiAnswer, type Cluster, apiRequest } from "./cluster.ts";

/** What `node:test` gives a test. */
export interface TestHooks {
  after(work: () => Promise<void>): void;
}

/** Creates a namespace with a random suffix; its deletion is asked for, not awaited, when the test ends. */
export async function withNamespace(cluster: Cluster, test: TestHooks, prefix = "test"): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString("hex")}`;
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  expectSuccess(await apiRequest(cluster, { method: "POST", path: "/api/v1/namespaces", body }), `Namespace/${name}`);
  test.after(async () => {
    await apiRequest(cluster, { method: "DELETE", path: `/api/v1/namespaces/${name}` });
  });
  return name;
}

/** A token of an hour for a ServiceAccount, which is created when it does not exist. It may do what RBAC lets it. */
export async function serviceAccountToken(cluster: Cluster, namespace: string, name: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } };
  const created = await apiRequest(cluster, { method: "POST", path, body: account });
  const where = `ServiceAccount/${namespace}/${name}`;
  if (created.status !== 409) expectSuccess(created, where);
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const answer = await apiRequest(cluster, { method: "POST", path: `${path}/${name}/token`, body });
  expectSuccess(answer, where);
  const token = digString(answer.json(), "status", "token");
  if (token === undefined) throw new RangeError(`the API server gave no token for ${where}`);
  return token;
}

function expectSuccess(answer: ApiAnswer, object: string): void {
  if (answer.status < 300) return;
  throw new Failure({
    reason: "Internal",
    message: `the API server answered ${answer.status}: ${answer.text}`,
    where: { object },
  });
}
