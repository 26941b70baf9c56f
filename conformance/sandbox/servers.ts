// The two servers that answer the cases, and how each is asked.

import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { ApiCase } from "./api-case.ts";
import { builtInCases } from "./cases/built-in-kinds.ts";
import { customKindCases, gadgetCrd, widgetCrd } from "./cases/custom-kinds.ts";
import { serverCases } from "./cases/server.ts";
import { watchCases } from "./cases/watches.ts";
import { workloadCases } from "./cases/workloads.ts";
import type { Send } from "./run-case.ts";

export const apiCases: readonly ApiCase[] = [
  ...workloadCases,
  ...builtInCases,
  ...customKindCases,
  ...serverCases,
  ...watchCases,
];

export interface Server {
  readonly url: string;
  readonly caPem?: string;
  readonly token?: string;
}

/** Asks a server over HTTP/1.1, one connection per request. */
export function sender(server: Server): Send {
  return ({ method, path, headers, body, events }) =>
    new Promise((resolve, reject) => {
      const authorization = server.token === undefined ? {} : { authorization: `Bearer ${server.token}` };
      const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
      const options = {
        method,
        headers: { ...headers, ...authorization, ...length },
        ...(server.caPem && { ca: server.caPem }),
      };
      const start = server.url.startsWith("https:") ? httpsRequest : httpRequest;
      const sent = start(server.url + path, options, (response) => {
        let text = "";
        const finish = (): void =>
          resolve({ code: response.statusCode ?? 0, warnings: warningsOf(response.headers.warning), text });
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
          if (events === undefined || text.split("\n").length <= events) return;
          finish();
          response.destroy(); // a watch has no end of its own
        });
        response.on("error", reject);
        response.on("end", finish);
      });
      sent.on("error", reject);
      sent.end(body);
    });
}

/** The texts of a Warning header: `299 - "text"`, one after the other. */
function warningsOf(header: string | undefined): string[] {
  const texts = (header ?? "").matchAll(/299 - ("(?:[^"\\]|\\.)*")/g);
  return [...texts].map(([, text = '""']) => JSON.parse(text) as string);
}

/** Creates the CRDs of the cases and waits until they are served. `pause` waits between two looks. */
export async function prepare(send: Send, pause: () => Promise<void>): Promise<void> {
  const headers = { "content-type": "application/json" };
  for (const crd of [widgetCrd, gadgetCrd]) {
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    const { code, text } = await send({ method: "POST", path, headers, body: JSON.stringify(crd) });
    if (code !== 201 && code !== 409) throw new RangeError(`the CRD of the cases is refused: ${text}`);
  }
  for (const path of [
    "/apis/cases.example.com/v1/namespaces/default/widgets",
    "/apis/cases.example.com/v1/namespaces/default/gadgets",
  ]) {
    while (!(await hasAnswer(send, path, ""))) await pause();
  }
  // Discovery follows a moment after the resources themselves.
  while (!(await hasAnswer(send, "/apis/cases.example.com/v1", '"gadgets"'))) await pause();
}

async function hasAnswer(send: Send, path: string, part: string): Promise<boolean> {
  const { code, text } = await send({ method: "GET", path, headers: {}, body: undefined });
  return code === 200 && text.includes(part);
}
