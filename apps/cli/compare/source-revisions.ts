// The files that each GitRepository of a cluster stands for now, fetched into a local cache.

import {
  digString,
  Failure,
  type FileTree,
  formatRef,
  type GitRef,
  type Manifest,
  type NamedRef,
  refOf,
} from "@plumbline/core/model";
import { commitOfRevision, type Resolved } from "@plumbline/core/source";
import { readGitRepository } from "@plumbline/dialects/flux";
import type { GitCache, GitSnapshot } from "@plumbline/edges/git";
import type { KubeClient } from "@plumbline/edges/kube";
import { remoteOfSource } from "@plumbline/engine/preview";

export interface SourceFiles {
  revision: string;
  /** Give it back with `release`. */
  open(): Promise<GitSnapshot & FileTree>;
}

export interface SourceTools {
  client: KubeClient;
  git: GitCache;
  /** A source is being fetched. */
  onFetch: (source: string) => void;
}

/** A source that this version does not read; its Failure is thrown on. */
export class SourceRevisions {
  readonly #objects: ReadonlyMap<string, Manifest>;
  readonly #tools: SourceTools;
  readonly #files = new Map<string, Promise<SourceFiles>>();

  constructor(objects: readonly Manifest[], tools: SourceTools) {
    this.#objects = new Map(objects.map((object) => [keyOf(refOf(object)), object]));
    this.#tools = tools;
  }

  /** Fetches it at the first call. Throws Failure. */
  async files(ref: NamedRef): Promise<SourceFiles> {
    const key = keyOf(ref);
    const known = this.#files.get(key) ?? this.#fetch(key);
    this.#files.set(key, known);
    return await known;
  }

  async #fetch(key: string): Promise<SourceFiles> {
    const object = this.#objects.get(key);
    if (!object) {
      const message = `Source 'GitRepository/${key}' not found`;
      throw new Failure({ reason: "ArtifactFailed", message, where: { field: "spec.sourceRef" } });
    }
    const spec = readGitRepository(object);
    this.#tools.onFetch(formatRef(spec.origin));
    const { git, client } = this.#tools;
    const remote = await remoteOfSource(spec, (ref) => client.find(ref));
    const call = { ...remote, ref: spec.suspended ? pinned(object) : spec.ref, timeoutMs: spec.timeoutMs };
    const resolved: Resolved = await git.resolve(call);
    await git.fetch({ ...call, commit: resolved.commit });
    const ignore = spec.ignore === undefined ? {} : { ignore: spec.ignore };
    const recorded = spec.suspended ? digString(object, "status", "artifact", "revision") : undefined;
    return {
      revision: recorded ?? resolved.revision,
      open: () => git.snapshot({ ...remote, ...ignore, commit: resolved.commit }),
    };
  }
}

/** A suspended source serves what it fetched last. */
function pinned(object: Manifest): GitRef {
  const commit = commitOfRevision(digString(object, "status", "artifact", "revision") ?? "");
  if (commit !== undefined) return { commit };
  throw new Failure({
    reason: "ArtifactFailed",
    message: `${formatRef(refOf(object))} is suspended and has no artifact`,
    hint: "Resume it, so that it is fetched once",
  });
}

function keyOf(ref: { namespace: string; name: string }): string {
  return `${ref.namespace}/${ref.name}`;
}
