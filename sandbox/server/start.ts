// Starts a sandbox: an in-memory Kubernetes API server on a loopback port, with simulated controllers.

import { randomInt, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { Clock, JsonObject } from "@plumbline/core/model";
import { Refusal } from "../api/refusal.ts";
import { Registry, type Resource } from "../api/registry.ts";
import type { User, World } from "../api/world.ts";
import { type ControllerOptions, startControllers } from "../controllers/start.ts";
import { Store } from "../store/store.ts";
import { bootstrap } from "./bootstrap.ts";
import { dispatch, type HttpAnswer, type HttpRequest, type Sandbox } from "./dispatch.ts";
import { kubeconfigText } from "./kubeconfig.ts";
import { type AnyRequest, type AnyResponse, type Listener, listen } from "./listen.ts";
import { readBody, respond } from "./respond.ts";

export interface SandboxOptions {
  /** Time of the cluster: stamps, ages, simulated start-up of pods. */
  readonly clock: Clock;
  /** Where to write the kubeconfig (mode 0600); not written without. */
  readonly kubeconfigPath?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Bearer tokens and whose they are. Requests without a token are the administrator's. */
  readonly tokens?: Readonly<Record<string, User>>;
  /** How the simulated controllers behave. */
  readonly controllers?: ControllerOptions;
}

/** A request as a fault sees it; `path` is without the query. */
export interface FaultyRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** `break` cuts the connection; a code is answered as a Status with that message. */
export type FaultAnswer = "break" | { readonly code: number; readonly reason: string; readonly message: string };
export type Fault = (request: FaultyRequest) => FaultAnswer | undefined;

/** How often one kind of request came. */
export interface RequestCount {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly count: number;
}

export interface RunningSandbox {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** The text of a kubeconfig for it. */
  readonly kubeconfig: string;
  /** Requests so far by verb and resource, most frequent first; discovery is not counted. */
  requests(): RequestCount[];
  /** Drops the network: connections break, new ones are reset. The controllers go on. */
  disconnect(): void;
  reconnect(): void;
  /** The stored object, without a request: for tests and the demo's own display. */
  peek(apiVersion: string, kind: string, ref: { namespace?: string; name: string }): JsonObject | undefined;
  /**
   * Lets requests go wrong: every request is shown to the fault first; what it answers is sent instead, `undefined`
   * lets the request through. The returned function takes the fault away.
   */
  inject(fault: Fault): () => void;
  /** Ends every open watch as a server under load does: a plain end, no error. */
  endWatches(): void;
  /** Forgets history, so that a watch that resumes gets 410 Gone. */
  compact(): void;
  /** Ends the server and the controllers; nothing is left behind. */
  stop(): Promise<void>;
}

const letters = "bcdfghjklmnpqrstvwxz2456789";

function randomSuffix(length: number): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join("");
}

/** Starts a sandbox; ready when the promise resolves. Throws `Failure` when the port is taken. */
export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const world: World = {
    store: new Store(),
    registry: new Registry(),
    clock: options.clock,
    uuid: () => randomUUID(),
    suffix: randomSuffix,
  };
  const counts = new Map<string, RequestCount>();
  let listener: Listener | undefined;
  const sandbox: Sandbox = {
    world,
    tokens: new Map(Object.entries(options.tokens ?? {})),
    address: () => `127.0.0.1:${listener?.port ?? 0}`,
    count: (verb, resource, subresource) => countRequest(counts, { verb, resource, subresource }),
  };
  bootstrap(world);
  const stopControllers = startControllers(world, options.controllers ?? {});
  const stops = new Set<() => void>();
  const faults = new Set<Fault>();
  listener = await listen(
    (request, response) => void serve(sandbox, { request, response, stops, faults }),
    options.port ?? 0,
  );
  const { port } = listener;
  const url = `http://127.0.0.1:${port}`;
  const kubeconfig = kubeconfigText(url);
  if (options.kubeconfigPath !== undefined) await writeFile(options.kubeconfigPath, kubeconfig, { mode: 0o600 });
  const running = listener;
  return {
    url,
    kubeconfig,
    requests: () => [...counts.values()].sort((a, b) => b.count - a.count),
    disconnect: () => running.cut(),
    reconnect: () => running.resume(),
    peek: (apiVersion, kind, ref) => peek(world, { apiVersion, kind, ...ref }),
    inject: (fault) => {
      faults.add(fault);
      return () => faults.delete(fault);
    },
    endWatches: () => {
      for (const stop of stops) stop();
    },
    compact: () => {
      for (const resource of world.store.resources()) world.store.compact(resource);
    },
    stop: async () => {
      stopControllers();
      for (const stop of stops) stop();
      await running.close();
    },
  };
}

function peek(
  world: World,
  ref: { apiVersion: string; kind: string; namespace?: string; name: string },
): JsonObject | undefined {
  const resource = world.registry.ofKind(ref.apiVersion, ref.kind);
  const key = ref.namespace ? `${ref.namespace}/${ref.name}` : ref.name;
  return resource && world.store.get(resource.id, key)?.object;
}

function countRequest(
  counts: Map<string, RequestCount>,
  call: { verb: string; resource: Resource; subresource: string },
): void {
  const { verb, resource, subresource } = call;
  const key = `${verb} ${resource.id} ${subresource}`;
  const before = counts.get(key)?.count ?? 0;
  counts.set(key, { verb, group: resource.group, resource: resource.plural, subresource, count: before + 1 });
}

interface Exchange {
  readonly request: AnyRequest;
  readonly response: AnyResponse;
  /** What ends the watches that are open. */
  readonly stops: Set<() => void>;
  readonly faults: ReadonlySet<Fault>;
}

async function serve(sandbox: Sandbox, { request, response, stops, faults }: Exchange): Promise<void> {
  response.on("error", () => response.end());
  let body: Awaited<ReturnType<typeof readBody>>;
  try {
    body = await readBody(request);
  } catch {
    return; // the client broke the connection: nobody is left to answer
  }
  const fault = faultOf(request, faults);
  if (fault === "break") return void request.socket.destroy();
  const answer = fault
    ? refused(new Refusal(fault))
    : body instanceof Uint8Array
      ? dispatch(sandbox, toHttpRequest(request, body))
      : refused(body);
  const stopWatch = respond(request, response, answer);
  if (!stopWatch) return;
  const stop = (): void => {
    stopWatch();
    response.end();
  };
  stops.add(stop);
  response.on("close", () => stops.delete(stop));
}

function faultOf(request: AnyRequest, faults: ReadonlySet<Fault>): FaultAnswer | undefined {
  if (faults.size === 0) return undefined;
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://sandbox");
  for (const fault of faults) {
    const answer = fault({ method: request.method ?? "GET", path: pathname, query: searchParams });
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function refused(refusal: { code: number; status: JsonObject }): HttpAnswer {
  return { kind: "json", code: refusal.code, body: refusal.status, warnings: [] };
}

function toHttpRequest(request: AnyRequest, body: Uint8Array): HttpRequest {
  return { method: request.method ?? "GET", url: request.url ?? "/", headers: request.headers, body };
}
