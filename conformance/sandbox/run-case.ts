// Runs API cases against a server, whichever it is.

import { setTimeout as sleep } from "node:timers/promises";
import type { JsonValue } from "@plumbline/core/model";
import type { ApiCase, ApiStep } from "./api-case.ts";
import { type NormalAnswer, Normaliser } from "./normalise.ts";

const maxRetries = 50;
const retryMs = 50;

/** Sends one request; headers include the content type. */
export type Send = (request: {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
  /** Leave after so many lines. */
  events?: number | undefined;
}) => Promise<{ code: number; warnings: string[]; text: string }>;

function headersOf(step: ApiStep, namespace: string): Record<string, string> {
  const own = Object.entries(step.headers ?? {}).map(([name, value]) => [name, value.replaceAll("{ns}", namespace)]);
  return {
    accept: step.accept ?? "application/json",
    "user-agent": "cases/1.0",
    ...(step.body === undefined ? {} : { "content-type": step.contentType ?? "application/json" }),
    ...(Object.fromEntries(own) as Record<string, string>),
  };
}

/** The normalised answers of a case, in order; its namespace is created first. */
export async function runCase(send: Send, apiCase: ApiCase, namespace: string): Promise<NormalAnswer[]> {
  const body = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await send({ method: "POST", path: "/api/v1/namespaces", headers: { "content-type": "application/json" }, body });
  const normaliser = new Normaliser();
  const answers: NormalAnswer[] = [];
  for (const step of apiCase.steps) {
    const text = step.body === undefined ? undefined : JSON.stringify(step.body).replaceAll("{ns}", namespace);
    const path = step.path
      .replaceAll("{ns}", namespace)
      .replace(/\{version (\d+)\}/, (_whole, number: string) => normaliser.version(Number(number)));
    const request = {
      method: step.method,
      path,
      headers: headersOf(step, namespace),
      body: text,
      events: step.events,
    };
    let answer = await send(request);
    for (let i = 0; answer.code === step.whileCode && i < maxRetries; i++) {
      await sleep(retryMs);
      answer = await send(request);
    }
    const body =
      step.events === undefined || answer.code !== 200 ? parse(answer.text) : parseLines(answer.text, step.events);
    answers.push(normaliser.normalise(answer.code, answer.warnings, body));
  }
  return answers;
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return text;
    throw thrown;
  }
}

function parseLines(text: string, count: number): JsonValue {
  return text.split("\n").slice(0, count).map(parse);
}
