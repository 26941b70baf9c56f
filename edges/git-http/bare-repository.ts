// Bare repositories made and changed without a work tree: for the demo's fleet and for tests.

import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { type GitProgram, runGit } from "./program.ts";

/** A file's content: text or bytes; or a symlink, an executable, a submodule commit; null deletes. */
export type Content =
  | string
  | Uint8Array
  | null
  | { symlink: string }
  | { executable: string | Uint8Array }
  | { submodule: string };

export interface CommitOptions {
  /** Default `main`. */
  branch?: string;
  message?: string;
  /** Start from nothing instead of from the branch: the new tree has only these files. */
  fresh?: boolean;
  /** The commit to build on, instead of the branch's head: with `fresh` false this is a force-push. */
  parent?: string;
  /** Milliseconds since the epoch; default 2026-01-01 plus one second per commit of this object. */
  date?: number;
}

export interface BareRepository {
  readonly path: string;
  /** Writes a commit that changes these paths and returns its id. */
  commit(files: Readonly<Record<string, Content>>, options?: CommitOptions): Promise<string>;
  /** Commits every file of a folder, links as links; `.git` is left out. */
  commitFolder(folder: string, options?: CommitOptions): Promise<string>;
  /** A lightweight tag, or an annotated one with `message`. Moves an existing tag. */
  tag(name: string, options?: { commit?: string; message?: string; branch?: string }): Promise<void>;
  /** Points a reference (full name) at a commit. */
  setRef(name: string, commit: string): Promise<void>;
  deleteRef(name: string): Promise<void>;
  /** The commit a branch points to. */
  head(branch?: string): Promise<string>;
  /** Runs any other git command in the repository and returns its output. */
  git(...args: string[]): Promise<string>;
}

const FIRST_DATE = Date.UTC(2026, 0, 1);
const AUTHOR = "Plumbline Example <example@plumbline.invalid>";

export interface BareRepositoryOptions extends GitProgram {
  /** What HEAD points to; default `main`. */
  branch?: string;
  /** `sha1` (default) or `sha256`. */
  objectFormat?: string;
}

/** Creates an empty bare repository at `path` (made, with parents). */
export async function createBareRepository(path: string, options: BareRepositoryOptions = {}): Promise<BareRepository> {
  const branch = options.branch ?? "main";
  const format = options.objectFormat ?? "sha1";
  await runGit(options, [
    "init",
    "-q",
    "--bare",
    `--object-format=${format}`,
    `--initial-branch=${branch}`,
    "--",
    path,
  ]);
  return openBareRepository(path, options);
}

/** Opens one that exists. */
export function openBareRepository(path: string, options: BareRepositoryOptions = {}): BareRepository {
  let serial = 0;
  const git = async (...args: string[]): Promise<string> =>
    (await runGit(options, ["-C", path, ...args])).toString("utf8").trimEnd();
  const commit = async (files: Readonly<Record<string, Content>>, how: CommitOptions = {}): Promise<string> => {
    const branch = how.branch ?? options.branch ?? "main";
    const seconds = Math.floor((how.date ?? FIRST_DATE + 1000 * serial++) / 1000);
    const base = how.fresh ? undefined : (how.parent ?? (await existing(git, branch)));
    const stream = commitStream(files, { branch, seconds, message: how.message ?? "Change", base });
    const out = await runGit(options, ["-C", path, "fast-import", "--quiet", "--force"], stream);
    return out.toString("utf8").trim();
  };
  return {
    path,
    commit,
    git,
    commitFolder: async (folder, how) => commit(await readFolder(folder), { fresh: true, ...how }),
    async tag(name, how = {}) {
      const target = how.commit ?? `refs/heads/${how.branch ?? options.branch ?? "main"}`;
      const identity = ["-c", "user.name=Plumbline Example", "-c", "user.email=example@plumbline.invalid"];
      const message = how.message === undefined ? [] : ["-a", "-m", how.message];
      await git(...identity, "tag", "-f", ...message, "--", name, target);
    },
    setRef: async (name, id) => void (await git("update-ref", name, id)),
    deleteRef: async (name) => void (await git("update-ref", "-d", name)),
    head: (branch = options.branch ?? "main") => git("rev-parse", "--verify", `refs/heads/${branch}`),
  };
}

async function existing(git: (...args: string[]) => Promise<string>, branch: string): Promise<string | undefined> {
  const found = await git("for-each-ref", "--format=%(objectname)", `refs/heads/${branch}`);
  return found === "" ? undefined : found;
}

interface CommitParts {
  branch: string;
  seconds: number;
  message: string;
  base: string | undefined;
}

/** A git-fast-import(1) stream of one commit, which prints the id it got. */
function commitStream(files: Readonly<Record<string, Content>>, parts: CommitParts): Buffer[] {
  const who = `${AUTHOR} ${parts.seconds} +0000`;
  const head = [`commit refs/heads/${parts.branch}`, "mark :1", `author ${who}`, `committer ${who}`, ""];
  const out: Buffer[] = [Buffer.from(head.join("\n")), ...data(parts.message)];
  if (parts.base !== undefined) out.push(Buffer.from(`from ${parts.base}\n`));
  for (const [path, content] of Object.entries(files)) out.push(...change(path, content));
  out.push(Buffer.from("\nget-mark :1\ndone\n"));
  return [Buffer.from("feature done\n"), ...out];
}

function change(path: string, content: Content): Buffer[] {
  const name = `"${path.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n")}"`;
  if (content === null) return [Buffer.from(`D ${name}\n`)];
  if (typeof content === "string" || content instanceof Uint8Array) return file("100644", name, content);
  if ("symlink" in content) return file("120000", name, content.symlink);
  if ("executable" in content) return file("100755", name, content.executable);
  return [Buffer.from(`M 160000 ${content.submodule} ${name}\n`)];
}

function file(mode: string, name: string, content: string | Uint8Array): Buffer[] {
  return [Buffer.from(`M ${mode} inline ${name}\n`), ...data(content)];
}

function data(content: string | Uint8Array): Buffer[] {
  const bytes = Buffer.from(content as Uint8Array); // a string or bytes: Buffer.from takes both
  return [Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")];
}

async function readFolder(folder: string): Promise<Record<string, Content>> {
  const files: Record<string, Content> = {};
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  for (const entry of entries) {
    const full = join(entry.parentPath, entry.name);
    const path = full
      .slice(folder.length)
      .replace(/^[\\/]+/, "")
      .replaceAll("\\", "/");
    if (path.split("/").includes(".git")) continue;
    if (entry.isSymbolicLink()) files[path] = { symlink: await readlink(full) };
    else if (entry.isFile()) {
      const bytes = await readFile(full);
      files[path] = ((await stat(full)).mode & 0o111) === 0 ? bytes : { executable: bytes };
    }
  }
  return files;
}
