// Reads requests from HTTP and writes answers to it.

import type { JsonObject } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import { Refusal } from "../api/refusal.ts";
import type { WatchEvent } from "../api/watch.ts";
import type { AnyRequest, AnyResponse } from "./listen.ts";
import type { HttpAnswer } from "./dispatch.ts";

/** Bodies longer than this are refused, as on a server. */
export const maxBodyBytes = 3 * 1024 * 1024;

/** The whole body; a `Refusal` (413) when it is too long. */
export async function readBody(request: AnyRequest): Promise<Uint8Array | Refusal> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = part as Buffer;
    size += bytes.length;
    if (size <= maxBodyBytes) parts.push(bytes);
  }
  if (size <= maxBodyBytes) return Buffer.concat(parts);
  const message = `Request entity too large: limit is ${maxBodyBytes}`;
  return new Refusal({ code: 413, reason: "RequestEntityTooLarge", message, details: {} });
}

/** The text of an object, made once: objects in the store never change. */
const texts = new WeakMap<JsonObject, string>();

function textOf(object: JsonObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}

function bodyText(body: JsonObject): string {
  const { items, ...rest } = body;
  if (!Array.isArray(items)) return textOf(body);
  const head = JSON.stringify(rest);
  const list = items.map((item) => textOf(item as JsonObject)); // items of a list are objects
  return `${head.slice(0, -1)},"items":[${list.join(",")}]}`;
}

/** Writes an answer; returns what stops a watch, or undefined. */
export function respond(request: AnyRequest, response: AnyResponse, answer: HttpAnswer): (() => void) | undefined {
  if (answer.kind === "watch") return respondWatch(response, answer.start);
  if (answer.kind === "text") {
    response.writeHead(answer.code, { "content-type": "text/plain; charset=utf-8" });
    response.end(answer.body);
    return undefined;
  }
  const isYaml = (request.headers.accept ?? "").startsWith("application/yaml");
  const text = isYaml ? toYaml(answer.body) : `${bodyText(answer.body)}\n`;
  const warnings = answer.warnings.map((warning) => `299 - ${JSON.stringify(warning)}`);
  response.writeHead(answer.code, {
    "content-type": isYaml ? "application/yaml" : (answer.contentType ?? "application/json"),
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-cache, private",
    ...(warnings.length > 0 ? { warning: warnings } : {}),
  });
  response.end(request.method === "HEAD" ? "" : text);
  return undefined;
}

function respondWatch(
  response: AnyResponse,
  start: (sink: { send(event: WatchEvent): void; end(): void }) => () => void,
): () => void {
  const early: WatchEvent[] = [];
  let isOpen = false;
  let hasEnded = false;
  const write = ({ type, object }: WatchEvent): void => {
    if (!response.writableEnded) response.write(`{"type":"${type}","object":${textOf(object)}}\n`);
  };
  const stop = start({
    send: (event) => (isOpen ? write(event) : early.push(event)),
    end: () => {
      hasEnded = true;
      if (isOpen) response.end();
    },
  });
  response.writeHead(200, { "content-type": "application/json", "cache-control": "no-cache, private" });
  response.flushHeaders(); // clients wait for the headers before they read events
  isOpen = true;
  if (early.length > 0)
    response.write(early.map(({ type, object }) => `{"type":"${type}","object":${textOf(object)}}\n`).join(""));
  if (hasEnded) response.end();
  response.on("close", stop);
  return stop;
}
