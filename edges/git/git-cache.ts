// The Git edge's one object: polls, fetches and opens commits for all Git sources of a process.

import { createHash } from "node:crypto";
import {
  type AdvertisedRef,
  isObjectId,
  pinnedRevision,
  refNotFound,
  refPrefixes,
  type Resolved,
  resolveRef,
  tiedCommits,
} from "@plumbline/core/source";
import { Failure, type GitRef } from "@plumbline/core/model";
import { createBlobCache, type BlobCache } from "./blob-cache.ts";
import { type CacheDirectory, openCacheDirectory, touch } from "./cache-directory.ts";
import { type CommitViews, createCommitViews } from "./commit-views.ts";
import type {
  FetchRequest,
  GitCache,
  GitCacheOptions,
  GitCall,
  GitRemote,
  GitSnapshot,
  ResolveRequest,
  SnapshotRequest,
} from "./door.ts";
import { checkGit, GitExit, type GitProgram, type GitRun, gitEnvironment } from "./git-program.ts";
import { lsRefs } from "./ls-refs.ts";
import { createPoller, type Poller } from "./poller.ts";
import { findRedirect } from "./redirect.ts";
import { authorization, openRemote, type Remote } from "./remote.ts";
import { CacheRepository } from "./repository.ts";
import { createLimiter, createSingleFlight } from "./single-flight.ts";
import { openSnapshot } from "./snapshot.ts";
import { storageFailure, translate } from "./translate.ts";

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_KEEP_REVISIONS = 5;
const DEFAULT_BLOB_CACHE_BYTES = 64 * 1024 * 1024;
const DEFAULT_MAX_FILE_BYTES = 32 * 1024 * 1024;
/** Larger files are held only by the snapshots that loaded them: one must not push out a thousand manifests. */
const MAX_SHARED_BLOB_BYTES = 1024 * 1024;
const FIRST_CLEAN_MS = 3_600_000;
const CLEAN_EVERY_MS = 24 * 3_600_000;
/** Nothing waits longer than this for one git process, whatever the callers' own deadlines are. */
const MAX_NETWORK_RUN_MS = 3_600_000;
const DEFAULT_MAX_FETCH_BYTES = 2 * 1024 ** 3;
/** git processes that talk to remotes at the same time. */
const MAX_NETWORK_RUNS = 8;

/** Opens the cache; the directory is read and made on first use. Throws nothing itself. */
export function openGitCache(options: GitCacheOptions): GitCache {
  return new DiskGitCache(options);
}

/** What is known of one remote. */
interface Source {
  remote: Remote;
  repository: CacheRepository;
  poller: Poller;
  /** Where the host redirected us. */
  movedTo: string | undefined;
}

class DiskGitCache implements GitCache {
  readonly #options: GitCacheOptions;
  readonly #blobs: BlobCache;
  readonly #views: CommitViews = createCommitViews();
  readonly #sources = new Map<string, Source>();
  readonly #fetching = createSingleFlight<void>();
  readonly #loading = createSingleFlight<Uint8Array>();
  readonly #limit = createLimiter(MAX_NETWORK_RUNS);
  /** Newest answers by record name, until their commit is fetched; and what the records hold. */
  readonly #resolved = new Map<string, Resolved>();
  readonly #recorded = new Map<string, string>();
  readonly #closing = new AbortController();
  #cleanAt: number;
  #opened: Promise<CacheDirectory> | undefined;
  #checked: Promise<string> | undefined;
  #git: GitProgram | undefined;

  constructor(options: GitCacheOptions) {
    this.#options = options;
    this.#cleanAt = options.clock.monotonic() + FIRST_CLEAN_MS;
    this.#blobs = createBlobCache(options.blobCacheBytes ?? DEFAULT_BLOB_CACHE_BYTES);
  }

  async resolve(request: ResolveRequest): Promise<Resolved> {
    const source = await this.#source(request);
    const name = recordName(source.remote, request.ref);
    const resolved = pinnedRevision(request.ref) ?? (await this.#ask(source, request));
    this.#resolved.set(name, resolved);
    if (await source.repository.has(resolved.commit)) await this.#record(name, resolved);
    return resolved;
  }

  async fetch(request: FetchRequest): Promise<void> {
    if (!isObjectId(request.commit)) throw new RangeError(`not a commit id: ${request.commit.slice(0, 80)}`);
    const source = await this.#source(request);
    const { commit, ref } = request;
    const { maxFetchBytes: maxBytes = DEFAULT_MAX_FETCH_BYTES } = this.#options;
    if (!(await source.repository.has(commit))) {
      const work = (shared: AbortSignal): Promise<void> =>
        this.#onNetwork(source, shared, ({ url, run }) => source.repository.fetch({ url, ref, commit, run, maxBytes }));
      const key = `${source.remote.key} ${commit}`;
      await this.#withTimeout(request, (signal) => this.#fetching.run(key, work, signal));
      void this.#cleanUp();
    }
    const name = recordName(source.remote, ref);
    const resolved = this.#resolved.get(name) ?? pinnedRevision(ref);
    if (resolved?.commit === commit) await this.#record(name, resolved);
  }

  async snapshot(request: SnapshotRequest): Promise<GitSnapshot> {
    const source = await this.#source(request);
    const { repository } = source;
    const { commit } = request;
    // First in use, then looked for: so that it is not dropped in between.
    const release = repository.use(commit);
    try {
      if (!(await repository.has(commit))) throw notFetched(commit);
      const opened = await this.#views.open(
        {
          key: `${source.remote.key} ${commit}`,
          readTree: () => repository.readTree(commit),
          readBlob: (id) => this.#readBlob(source, id),
        },
        request.ignore,
      );
      const blobs = {
        cached: (id: string) => this.#blobs.get(id),
        fetch: (id: string) => this.#readBlob(source, id),
        stream: (blob: { id: string; size: number }, signal: AbortSignal | undefined) =>
          repository.streamBlob(blob, signal),
        maxFileBytes: this.#options.maxFileBytes ?? DEFAULT_MAX_FILE_BYTES,
      };
      return openSnapshot({ commit, ...opened, blobs, release });
    } catch (error) {
      release();
      throw error;
    }
  }

  async lastGood(request: GitRemote & { ref: GitRef }): Promise<Resolved | undefined> {
    const { remote, repository } = await this.#source(request);
    const value = await this.#options.records.read(recordName(remote, request.ref));
    return isResolved(value) && (await repository.has(value.commit)) ? value : undefined;
  }

  async remember(holder: string, request: GitRemote, { revision, commit }: Resolved): Promise<void> {
    const { remote } = await this.#source(request);
    const name = holderName(holder);
    const note = { url: remote.url, cachedAs: remote.key, revision, commit };
    const text = JSON.stringify(note);
    if (this.#recorded.get(name) === text) return;
    await this.#options.records.write(name, note);
    this.#recorded.set(name, text);
  }

  async recall(holder: string): Promise<{ remote: GitRemote; resolved: Resolved } | undefined> {
    const note = await this.#options.records.read(holderName(holder));
    if (!isNote(note)) return undefined;
    const { url, cachedAs, revision, commit } = note;
    const { repository } = await this.#source({ url, cachedAs });
    return (await repository.has(commit)) ? { remote: { url, cachedAs }, resolved: { revision, commit } } : undefined;
  }

  async forget(holder: string): Promise<void> {
    const name = holderName(holder);
    this.#recorded.delete(name);
    await this.#options.records.remove(name);
  }

  async subject(request: GitRemote & { commit: string }): Promise<string | undefined> {
    const { repository } = await this.#source(request);
    if (!(await repository.has(request.commit))) return undefined;
    return (await repository.commitInfo(request.commit))?.subject;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the Git cache was closed"));
    await Promise.all([...this.#sources.values()].map(({ repository }) => repository.close()));
    const opened = await this.#opened?.catch(() => undefined); // whoever asked was told
    await opened?.close();
  }

  async #source(request: GitRemote): Promise<Source> {
    this.#closing.signal.throwIfAborted();
    const { directory, clock, allowFile = false, keepRevisions = DEFAULT_KEEP_REVISIONS } = this.#options;
    this.#opened ??= openCacheDirectory(directory).catch((error: unknown) => {
      this.#opened = undefined;
      throw storageFailure(error);
    });
    const opened = await this.#opened;
    const remote = openRemote(request, { allowFile, identityKey: opened.identityKey });
    await this.#check(opened);
    const known = this.#sources.get(remote.key);
    // Under one identity the newest credentials count; who reads by name alone has none.
    if (known) return request.cachedAs === undefined ? Object.assign(known, { remote }) : known;
    const path = opened.repository(remote.key);
    const repository = new CacheRepository(this.#program(opened), path, keepRevisions);
    const source: Source = { remote, repository, movedTo: undefined, poller: this.#pollerOf(() => source) };
    this.#sources.set(remote.key, source);
    void touch(path, clock.now()); // it never rejects; waiting would keep callers apart who asked together
    return source;
  }

  #check(opened: CacheDirectory): Promise<string> {
    this.#checked ??= checkGit(this.#program(opened)).catch((error: unknown) => {
      this.#checked = undefined;
      throw error;
    });
    return this.#checked;
  }

  #program(opened: CacheDirectory): GitProgram {
    const { program = "git", clock, allowFile = false, environment = process.env } = this.#options;
    const protocols = allowFile ? ["https", "http", "file"] : ["https", "http"];
    this.#git ??= { program, clock, environment: gitEnvironment(environment, { home: opened.home, protocols }) };
    return this.#git;
  }

  #pollerOf(source: () => Source): Poller {
    const list = (prefixes: readonly string[], signal: AbortSignal): Promise<AdvertisedRef[]> =>
      this.#onNetwork(source(), signal, ({ git, programs, url, run }) => lsRefs(git, { url, programs, prefixes, run }));
    return createPoller(list, () => this.#options.clock.monotonic());
  }

  async #ask(source: Source, request: ResolveRequest): Promise<Resolved> {
    const { ref, maxAgeMs = 0 } = request;
    const prefixes = refPrefixes(ref);
    const refs = await this.#withTimeout(request, (signal) => source.poller.ask({ prefixes, maxAgeMs, signal }));
    const times = await this.#commitTimes(source, request, tiedCommits(ref, refs));
    const resolved = resolveRef(ref, refs, (commit) => times.get(commit));
    if (resolved) return resolved;
    const all = await this.#withTimeout(request, (signal) =>
      source.poller.ask({ prefixes: ["refs/heads/", "refs/tags/"], maxAgeMs, signal }),
    );
    throw all.length === 0 ? emptyRepository(source.remote) : refNotFound(ref, otherNames(ref, all));
  }

  /** Committer's times of tags that only their age tells apart; needs their commits. */
  async #commitTimes(
    source: Source,
    request: ResolveRequest,
    commits: readonly string[],
  ): Promise<Map<string, number>> {
    const times = new Map<string, number>();
    for (const commit of commits) {
      await this.fetch({ ...request, commit });
      const info = await source.repository.commitInfo(commit);
      if (info) times.set(commit, info.committedAt);
    }
    return times;
  }

  /** The caller's own deadline over work that is shared with others. */
  async #withTimeout<T>(call: GitCall, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const timeoutMs = call.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const cancel = this.#options.clock.after(timeoutMs, () => controller.abort(timedOut(timeoutMs)));
    const signals = [controller.signal, ...(call.signal ? [call.signal] : [])];
    try {
      return await work(AbortSignal.any(signals));
    } finally {
      cancel();
    }
  }

  /** Runs git against the remote: settings, redirects, translated errors. */
  #onNetwork<T>(source: Source, shared: AbortSignal, work: (setting: NetworkSetting) => Promise<T>): Promise<T> {
    return this.#limit(async () => {
      const opened = await (this.#opened ?? Promise.reject(new Error("the cache was not opened")));
      const { remote } = source;
      const signal = AbortSignal.any([this.#closing.signal, shared]);
      const run = {
        config: networkConfig(remote),
        environment: await opened.tlsEnvironment(remote),
        timeoutMs: MAX_NETWORK_RUN_MS,
        signal,
      };
      const git = this.#program(opened);
      const programs = await this.#check(opened);
      try {
        try {
          return await work({ git, programs, url: source.movedTo ?? remote.url, run });
        } catch (error) {
          if (!isRedirect(error)) throw error;
          source.movedTo = await findRedirect(remote, { environment: git.environment, signal });
          if (source.movedTo === undefined) throw error;
          return await work({ git, programs, url: source.movedTo, run });
        }
      } catch (error) {
        throw translate(error, remote);
      }
    });
  }

  async #readBlob(source: Source, id: string): Promise<Uint8Array> {
    const known = this.#blobs.get(id);
    if (known) return known;
    return this.#loading.run(`${source.remote.key} ${id}`, async () => {
      const bytes = await source.repository.readBlob(id);
      if (bytes.length <= MAX_SHARED_BLOB_BYTES) this.#blobs.set(id, bytes);
      return bytes;
    });
  }

  /** Once in a day, not before every source had the time to open what it uses. Never rejects. */
  async #cleanUp(): Promise<void> {
    const { clock } = this.#options;
    if (clock.monotonic() < this.#cleanAt) return;
    this.#cleanAt = clock.monotonic() + CLEAN_EVERY_MS;
    const opened = await this.#opened?.catch(() => undefined); // then there is nothing to clean
    // What cannot be removed now is tried again tomorrow.
    await opened?.removeUnused(new Set(this.#sources.keys()), clock.now()).catch(() => undefined);
  }

  async #record(name: string, resolved: Resolved): Promise<void> {
    if (this.#recorded.get(name) === resolved.revision) return;
    await this.#options.records.write(name, resolved);
    this.#recorded.set(name, resolved.revision);
  }
}

interface NetworkSetting {
  git: GitProgram;
  programs: string;
  url: string;
  run: Omit<GitRun, "args">;
}

/** Credentials go through the environment, and only to the host they are for: see `findRedirect`. */
function networkConfig(remote: Remote): [string, string][] {
  const header = authorization(remote.auth);
  const config: [string, string][] = [["http.followRedirects", remote.hasCredentials ? "false" : "initial"]];
  if (header !== undefined) config.push(["http.extraHeader", `Authorization: ${header}`]);
  return config;
}

function isRedirect(error: unknown): boolean {
  return error instanceof GitExit && /returned error: 3\d\d/.test(error.stderr);
}

function recordName(remote: Remote, ref: GitRef): string {
  const form = JSON.stringify([remote.key, ref.branch, ref.tag, ref.semver, ref.name, ref.commit]);
  return `git-${createHash("sha256").update(form).digest("hex").slice(0, 40)}`;
}

function holderName(holder: string): string {
  return `git-of-${createHash("sha256").update(holder).digest("hex").slice(0, 40)}`;
}

function isNote(value: unknown): value is Resolved & { url: string; cachedAs: string } {
  if (!isResolved(value)) return false;
  const { url, cachedAs } = value as { url?: unknown; cachedAs?: unknown };
  return typeof url === "string" && typeof cachedAs === "string" && /^[0-9a-f]{40}$/.test(cachedAs);
}

function isResolved(value: unknown): value is Resolved {
  return (
    typeof value === "object" &&
    value !== null &&
    "commit" in value &&
    typeof value.commit === "string" &&
    "revision" in value &&
    typeof value.revision === "string"
  );
}

function otherNames(ref: GitRef, refs: readonly AdvertisedRef[]): string[] {
  const isBranch = !ref.tag && !ref.semver && !ref.name;
  const prefix = isBranch ? "refs/heads/" : "refs/tags/";
  if (ref.name && !ref.commit) return refs.map(({ name }) => name);
  return refs.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name.slice(prefix.length));
}

function emptyRepository(remote: Remote): Failure {
  return new Failure({
    reason: "GitOperationFailed",
    message: `the repository ${remote.url} is empty`,
    hint: "Push a first commit",
  });
}

function notFetched(commit: string): Failure {
  return new Failure({
    reason: "SourceUnavailable",
    message: `commit ${commit} is not in the Git cache`,
    hint: "It is fetched as soon as the remote can be reached",
  });
}

function timedOut(timeoutMs: number): Failure {
  return new Failure({
    reason: "GitOperationFailed",
    message: `the Git operation took longer than ${timeoutMs / 1000} s`,
    hint: "Check that the server is reachable and not overloaded, or raise spec.timeout",
    where: { field: "spec.timeout" },
  });
}
