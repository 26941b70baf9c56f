// Files as a kustomization may see them: below its root, through links that stay there, remembered as they are read.

import { dirName, joinPath, type EntryKind, type FileTree } from "@plumbline/core/model";
import { decodeYamlText } from "@plumbline/core/yaml";
import { buildFailure } from "./failures.ts";
import { MAX_BASE_DEPTH, MAX_FILE_BYTES, MAX_LINKS } from "./limits.ts";
import { parseRepoUrl, type RepoUrl } from "./repo-url.ts";

/** What a remote root was fetched as. */
export interface RemoteRoot {
  readonly files: FileTree;
  /** What the fetched content is identified by: a commit, or a digest. Part of the cache key. */
  readonly revision: string;
}

/** Functions for what does not stand in the file tree; each may throw `NotLoaded`. */
export interface RemoteSources {
  /** The repository at an address. Absent: remote bases are refused. */
  readonly fetchRepo?: ((url: RepoUrl) => RemoteRoot) | undefined;
  /** The bytes behind an http(s) address; undefined when it names no file. Absent: such addresses are refused. */
  readonly fetchFile?: ((url: string) => Uint8Array | undefined) | undefined;
}

export type LoadRestrictions = "rootOnly" | "none";

/** Everything a build looked at: path to content id, undefined for what was absent. */
export type ReadTrace = Map<string, string | undefined>;

const decoder = new TextDecoder();

/** A file tree that remembers what was asked of it. */
export class TracedFiles {
  readonly files: FileTree;
  readonly reads: ReadTrace;

  constructor(files: FileTree, reads: ReadTrace) {
    this.files = files;
    this.reads = reads;
  }

  /** Takes over what a part of the build has read. */
  include(reads: ReadTrace): void {
    for (const [path, id] of reads) this.reads.set(path, id);
  }

  /** A fresh trace over the same files. */
  fork(): TracedFiles {
    return new TracedFiles(this.files, new Map());
  }

  kind(path: string): EntryKind | undefined {
    const kind = this.files.kind(path);
    if (kind === undefined) this.reads.set(path, undefined);
    return kind;
  }

  read(path: string): Uint8Array {
    const bytes = this.files.read(path);
    this.reads.set(path, this.files.id(path));
    if (bytes.length <= MAX_FILE_BYTES) return bytes;
    throw buildFailure(
      `the file has ${bytes.length} bytes, more than the ${MAX_FILE_BYTES} allowed`,
      { file: path },
      "Split the file.",
      "LimitExceeded",
    );
  }

  /** The path without links; undefined when nothing stands there. Throws `Failure` for links out of the tree. */
  resolve(path: string): { path: string; kind: "file" | "directory" } | undefined {
    let at = "";
    const pending = path === "" ? [] : path.split("/");
    let links = 0;
    const direct = path === "" ? "directory" : this.files.kind(path);
    if (direct === "file" || direct === "directory") return { path, kind: direct };
    while (pending.length > 0) {
      const next = at === "" ? (pending.shift() as string) : `${at}/${pending.shift()}`;
      const kind = this.kind(next);
      if (kind === undefined || kind === "submodule") return undefined;
      if (kind !== "symlink") {
        if (kind === "file" && pending.length > 0) return undefined;
        at = next;
        continue;
      }
      if (++links > MAX_LINKS) {
        throw buildFailure("too many symbolic links", { file: path }, "Remove the loop of links.");
      }
      const target = decoder.decode(this.read(next));
      const joined = target.startsWith("/") ? target.slice(1) : joinPath(dirName(next), target);
      if (joined === undefined) {
        throw buildFailure(
          `the symbolic link ${next} leads out of the tree`,
          { file: next },
          "Let the link point into the source.",
          "InvalidPath",
        );
      }
      pending.unshift(...joined.split("/").filter((part) => part !== "" && part !== "."));
      at = "";
      if (pending.includes("..")) {
        const clean = joinPath("", pending.join("/"));
        pending.splice(0, pending.length, ...(clean ? clean.split("/") : []));
      }
    }
    const kind = at === "" ? "directory" : this.files.kind(at);
    return kind === "file" || kind === "directory" ? { path: at, kind } : undefined;
  }
}

/** True for `http://` and `https://` addresses. */
export function isFileUrl(path: string): boolean {
  return /^https?:/i.test(path);
}

function isBelow(path: string, root: string): boolean {
  return root === "" || path === root || path.startsWith(`${root}/`);
}

/** `joinPath` where `..` at the root stays at the root. */
function joinClamped(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${base}/${path}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

interface LoaderParts {
  readonly files: TracedFiles;
  readonly root: string;
  readonly restrictions: LoadRestrictions;
  readonly remote: RemoteSources;
  readonly isFileSystem: boolean;
  readonly parent: Loader | undefined;
  readonly repo: RepoUrl | undefined;
}

/** Loads the files of one kustomization, and leads to the next. */
export class Loader {
  readonly files: TracedFiles;
  /** The kustomization's directory, without links. */
  readonly root: string;
  readonly restrictions: LoadRestrictions;
  readonly #parts: LoaderParts;
  readonly #depth: number;

  constructor(parts: LoaderParts) {
    this.files = parts.files;
    this.root = parts.root;
    this.restrictions = parts.restrictions;
    this.#parts = parts;
    this.#depth = parts.parent ? parts.parent.#depth + 1 : 0;
    if (this.#depth <= MAX_BASE_DEPTH) return;
    throw buildFailure(
      `bases nest deeper than ${MAX_BASE_DEPTH}`,
      { file: this.root },
      "Flatten the bases.",
      "LimitExceeded",
    );
  }

  /** The loader of a directory that the user names. */
  static start(path: string, parts: Omit<LoaderParts, "root" | "parent" | "repo">): Loader {
    const repo = parseRepoUrl(path);
    if (repo) return Loader.#ofRepo(repo, { ...parts, root: "", parent: undefined, repo: undefined });
    const clean = parts.isFileSystem ? joinClamped("", path) : joinPath("", path);
    const found = clean === undefined ? undefined : parts.files.resolve(clean);
    if (found?.kind === "directory")
      return new Loader({ ...parts, root: found.path, parent: undefined, repo: undefined });
    throw buildFailure(
      found ? `'${path}' is a file, not a directory` : `'${path}' doesn't exist`,
      { file: path },
      "Name a directory with a kustomization file.",
      "InvalidPath",
    );
  }

  static #ofRepo(repo: RepoUrl, parts: LoaderParts): Loader {
    const { fetchRepo } = parts.remote;
    if (!fetchRepo) {
      throw buildFailure(
        `the remote base ${repo.raw} cannot be fetched here`,
        {},
        "Copy the base into the source, or deliver it from a source of its own.",
        "UnsupportedField",
      );
    }
    const fetched = fetchRepo(repo);
    parts.files.reads.set(`remote:${repo.raw}`, fetched.revision);
    const files = new TracedFiles(fetched.files, new Map());
    const found = files.resolve(joinPath("", repo.path) ?? "");
    if (found?.kind !== "directory") {
      throw buildFailure(
        `'${repo.path}' in ${repo.cloneUrl} is no directory`,
        { file: repo.raw },
        "Correct the path after the repository.",
      );
    }
    return new Loader({ ...parts, files, root: found.path, restrictions: "rootOnly", repo });
  }

  /** True inside a fetched repository. */
  get isRemote(): boolean {
    return this.#parts.repo !== undefined || (this.#parts.parent?.isRemote ?? false);
  }

  /** The loader of a base or component. Throws `Failure` for cycles and for what is no directory. */
  enter(path: string): Loader {
    if (path === "") throw buildFailure("new root cannot be empty", { file: this.root }, "Name a directory.");
    const repo = parseRepoUrl(path);
    if (repo) {
      this.#refuseRepoCycle(repo);
      return Loader.#ofRepo(repo, { ...this.#parts, parent: this });
    }
    if (path.startsWith("/")) {
      throw buildFailure(`new root '${path}' cannot be absolute`, { file: this.root }, "Use a relative path.");
    }
    const joined = this.#join(path);
    const found = joined === undefined ? undefined : this.files.resolve(joined);
    if (found?.kind !== "directory") {
      throw buildFailure(
        `must build at directory: '${path}' ${found ? "is a file" : "does not exist"}`,
        { file: joined ?? path },
        joined === undefined ? "Keep the path inside the source." : "Name an existing directory.",
        joined === undefined ? "InvalidPath" : "BuildFailed",
      );
    }
    this.#refuseCycle(found.path);
    return new Loader({ ...this.#parts, files: this.files.fork(), root: found.path, parent: this, repo: undefined });
  }

  /** This loader and those that led here, nearest first. */
  #chain(): Loader[] {
    const { parent } = this.#parts;
    return parent ? [this, ...parent.#chain()] : [this];
  }

  #refuseCycle(candidate: string): void {
    for (const at of this.#chain()) {
      if (at.files.files !== this.files.files) return;
      if (!isBelow(at.root, candidate)) continue;
      throw buildFailure(
        `cycle detected: candidate root '${candidate}' contains visited root '${at.root}'`,
        { file: this.root },
        "Remove the reference back to a directory that is being built.",
      );
    }
  }

  #refuseRepoCycle(repo: RepoUrl): void {
    for (const at of this.#chain()) {
      if (!at.#parts.repo?.raw.startsWith(repo.raw)) continue;
      throw buildFailure(
        `cycle detected: URI '${repo.raw}' referenced by previous URI '${at.#parts.repo.raw}'`,
        { file: this.root },
        "Remove the reference back to a repository that is being built.",
      );
    }
  }

  /** The tree path of a file that the kustomization names; for failures and cache keys. */
  pathOf(path: string): string {
    return isFileUrl(path) ? path : (this.#join(path) ?? path);
  }

  #join(path: string): string | undefined {
    const base = path.startsWith("/") ? "" : this.root;
    return this.#parts.isFileSystem ? joinClamped(base, path) : joinPath(base, path);
  }

  /** Bytes of a file named in the kustomization. Throws `Failure` when it is absent or not allowed. */
  load(path: string): Uint8Array {
    if (isFileUrl(path)) return this.#loadUrl(path);
    return this.files.read(this.locate(path));
  }

  /** A YAML file as go-yaml reads it. Throws `YamlInvalid` with the line for bytes that are no UTF-8. */
  text(path: string): string {
    return decodeYamlText(this.load(path), this.pathOf(path));
  }

  /** Where a file really stands, links followed and restrictions checked. */
  locate(path: string): string {
    const joined = this.#join(path);
    if (joined === undefined) {
      throw buildFailure(`'${path}' leads out of the source`, { file: path }, "Keep it inside.", "InvalidPath");
    }
    const found = this.files.resolve(joined);
    if (!found) throw buildFailure(`no such file: ${joined}`, { file: joined }, "Correct the path, or add the file.");
    if (found.kind !== "file") {
      throw buildFailure(`'${joined}' must resolve to a file`, { file: joined }, "Name a file.");
    }
    if (this.restrictions === "none" || isBelow(dirName(found.path), this.root)) return found.path;
    throw buildFailure(
      `security; file '${found.path}' is not in or below '${this.root}'`,
      { file: joined },
      "Move the file below the kustomization, or build without load restrictions.",
    );
  }

  #loadUrl(url: string): Uint8Array {
    const { fetchFile } = this.#parts.remote;
    if (!fetchFile) {
      throw buildFailure(
        `the remote file ${url} cannot be fetched here`,
        {},
        "Copy the file into the source.",
        "UnsupportedField",
      );
    }
    const bytes = fetchFile(url);
    this.files.reads.set(`remote:${url}`, undefined);
    if (bytes) return bytes;
    throw buildFailure(`no file at ${url}`, { file: url }, "Correct the address.");
  }
}
