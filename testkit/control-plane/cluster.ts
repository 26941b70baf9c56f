// A cluster as tests see it: an address, a certificate, a token, and one plain way to send a request.

import { readFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { type JsonObject, Failure } from "@plumbline/core/model";

export interface Cluster {
  readonly kubeconfigPath: string;
  /** `https://127.0.0.1:port` */
  readonly url: string;
  readonly caPem: string;
  /** Bearer token of a member of system:masters. */
  readonly adminToken: string;
}

export interface ApiRequest {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With the query: `/api/v1/namespaces?limit=1`. */
  path: string;
  /** Sent as JSON; a string is sent as it is. */
  body?: JsonObject | string;
  /** Default `application/json`; for PATCH `application/apply-patch+yaml`. */
  contentType?: string;
  /** Default: the administrator's. */
  token?: string;
}

export interface ApiAnswer {
  status: number;
  text: string;
  /** The body as JSON; throws SyntaxError when it is none. */
  json(): JsonObject;
}

const agents = new Map<string, Agent>();

/** One request as the administrator, without retries. Every HTTP status is an answer; only a broken connection throws. */
export function apiRequest(cluster: Cluster, wanted: ApiRequest): Promise<ApiAnswer> {
  const method = wanted.method ?? "GET";
  const body = typeof wanted.body === "object" ? JSON.stringify(wanted.body) : wanted.body;
  const patch = method === "PATCH" ? "application/apply-patch+yaml" : "application/json";
  const headers = {
    authorization: `Bearer ${wanted.token ?? cluster.adminToken}`,
    accept: "application/json",
    "user-agent": "plumbline-testkit",
    ...(body !== undefined && {
      "content-type": wanted.contentType ?? patch,
      "content-length": Buffer.byteLength(body),
    }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${cluster.url}${wanted.path}`, { method, headers, agent: agentOf(cluster) }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text, json: () => JSON.parse(text) as JsonObject }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Reads a kubeconfig that `startControlPlane` wrote (one cluster, one user with a token). */
export async function clusterOfKubeconfig(path: string): Promise<Cluster> {
  const text = await readFile(path, "utf8");
  const field = (name: string): string => {
    const value = new RegExp(`^ *${name}: *(\\S+)$`, "m").exec(text)?.[1];
    if (value !== undefined) return value;
    throw new Failure({ reason: "UsageError", message: `the kubeconfig has no ${name}`, where: { file: path } });
  };
  return {
    kubeconfigPath: path,
    url: field("server"),
    caPem: Buffer.from(field("certificate-authority-data"), "base64").toString(),
    adminToken: field("token"),
  };
}

/** The text of a kubeconfig with one context, called plumbline-test. */
export function kubeconfigText(cluster: { url: string; caPem: string }, token: string): string {
  return `apiVersion: v1
kind: Config
current-context: plumbline-test
clusters:
  - name: plumbline-test
    cluster:
      server: ${cluster.url}
      certificate-authority-data: ${Buffer.from(cluster.caPem).toString("base64")}
users:
  - name: plumbline-test
    user:
      token: ${token}
contexts:
  - name: plumbline-test
    context:
      cluster: plumbline-test
      user: plumbline-test
`;
}

function agentOf(cluster: Cluster): Agent {
  const key = `${cluster.url} ${cluster.caPem}`;
  let agent = agents.get(key);
  if (!agent) agents.set(key, (agent = new Agent({ keepAlive: true, ca: cluster.caPem })));
  return agent;
}
