// Puts the operator together: engine, Git cache, artifacts, dialect.

import { hash } from "node:crypto";
import { join } from "node:path";
import type { Artifact, Clock } from "@plumbline/core/model";
import { openArtifactStore, startArtifactServer, type ArtifactServer } from "@plumbline/edges/artifact";
import { openRecords } from "@plumbline/edges/disk";
import { openGitCache, type GitSnapshot } from "@plumbline/edges/git";
import type { ArtifactPort, EngineEvent, Kube, Log, Ports } from "@plumbline/engine/ports";
import { type Engine, type EngineOptions, startEngine } from "@plumbline/engine/run";
import { fluxDialect } from "./flux-dialect.ts";
import { windowDialect } from "./window-dialect.ts";

export interface OperatorOptions {
  client: Kube;
  /** Owned by one process at a time; everything in it can be fetched again. */
  cacheDirectory: string;
  clock: Clock;
  log: Log;
  /** Where artifacts are served; `host` is loopback unless told, `port` 0 takes a free one. */
  artifacts: {
    host?: string;
    port: number;
    /** What status.artifact.url starts with; the server's own URL unless told. */ baseUrl?: string;
  };
  engine?: EngineOptions;
  onEvent?: (event: EngineEvent) => void;
}

export interface Operator {
  engine: Engine;
  artifactServer: ArtifactServer;
  stop(): Promise<void>;
}

/** Starts to reconcile at once. */
export async function startOperator(options: OperatorOptions): Promise<Operator> {
  const { client, cacheDirectory, clock, log } = options;
  const artifactDirectory = join(cacheDirectory, "artifacts");
  const records = openRecords({
    directory: join(cacheDirectory, "records"),
    onDamaged: (name, why) => log.error("a cache record was damaged and is ignored", { record: name, why }),
  });
  const git = openGitCache({ directory: join(cacheDirectory, "git"), clock, records });
  const artifactServer = await startArtifactServer({
    directory: artifactDirectory,
    port: options.artifacts.port,
    ...(options.artifacts.host === undefined ? {} : { host: options.artifacts.host }),
  });
  const baseUrl = options.artifacts.baseUrl ?? artifactServer.url;
  const store = openArtifactStore({ directory: artifactDirectory, clock, baseUrl });
  const artifacts: ArtifactPort = {
    store: async ({ snapshot, ...request }) => {
      // The engine hands back what the Git cache gave it.
      const { size, ...artifact } = await store.store({ ...request, snapshot: snapshot as GitSnapshot });
      return { ...artifact, sizeBytes: size } satisfies Artifact;
    },
    remove: (source) => store.remove(source),
  };
  const ports: Ports = {
    kube: client,
    git,
    artifacts,
    dialect: fluxDialect,
    windows: windowDialect,
    clock,
    random: Math.random,
    sha256: (text) => hash("sha256", text),
    log,
    onEvent: options.onEvent ?? (() => undefined),
  };
  const engine = startEngine(ports, options.engine);
  return {
    engine,
    artifactServer,
    stop: async () => {
      await engine.stop();
      await artifactServer.close();
      await git.close();
    },
  };
}
