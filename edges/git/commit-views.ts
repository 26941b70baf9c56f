// Trees and views of commits, kept for the next who opens the same commit with the same rules.

import { Failure } from "@plumbline/core/model";
import { IGNORE_FILE, type IgnoreText, ignoreRules, MAX_IGNORE_PATTERNS } from "@plumbline/core/source";
import type { IgnoreFile } from "./door.ts";
import type { TreeIndex } from "./tree-index.ts";
import { type TreeView, viewTree } from "./tree-view.ts";

export interface CommitView {
  view: TreeView;
  ignoreFiles: readonly IgnoreFile[];
}

/** Trees and views held in memory beside those that open snapshots hold. */
const MAX_VIEWS = 16;
/** Largest ignore file. */
const MAX_IGNORE_FILE_BYTES = 1024 * 1024;

export interface CommitSource {
  /** Names repository and commit. */
  key: string;
  readTree(): Promise<TreeIndex>;
  readBlob(id: string): Promise<Uint8Array>;
}

export interface CommitViews {
  open(source: CommitSource, ignore: string | undefined): Promise<CommitView>;
}

export function createCommitViews(): CommitViews {
  const trees = new Map<string, Promise<TreeIndex>>();
  const views = new Map<string, Promise<CommitView>>();
  return {
    open(source, ignore) {
      return remember(views, `${source.key} ${ignore === undefined ? "-" : JSON.stringify(ignore)}`, async () => {
        const index = await remember(trees, source.key, () => source.readTree());
        const files = findIgnoreFiles(index);
        const texts = await Promise.all(files.map((at) => readIgnoreFile(source, index, at)));
        const rules = ignoreRules(texts, ignore);
        if (rules.size > MAX_IGNORE_PATTERNS) throw tooManyPatterns(rules.size);
        const ignoreFiles = files.map((at) => ({ path: index.paths[at] ?? "", id: index.ids[at] ?? "" }));
        return { view: viewTree(index, rules), ignoreFiles };
      });
    },
  };
}

/** A bounded memo of promises; failures are not kept. */
function remember<T>(memo: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = memo.get(key);
  memo.delete(key);
  const value = known ?? make();
  memo.set(key, value);
  if (!known) {
    value.catch(() => {
      if (memo.get(key) === value) memo.delete(key);
    });
    const [oldest] = memo.keys();
    if (memo.size > MAX_VIEWS && oldest !== undefined) memo.delete(oldest);
  }
  return value;
}

/** Parents before children: the rules of the deeper file win. */
function findIgnoreFiles(index: TreeIndex): number[] {
  const found: { at: number; depth: number }[] = [];
  for (let at = 1; at < index.count; at++) {
    const path = index.paths[at] ?? "";
    if (!path.endsWith(IGNORE_FILE) || index.kindAt(at) !== "file") continue;
    if (path === IGNORE_FILE || path.endsWith(`/${IGNORE_FILE}`)) found.push({ at, depth: path.split("/").length });
  }
  return found.sort((a, b) => a.depth - b.depth || a.at - b.at).map(({ at }) => at);
}

async function readIgnoreFile(source: CommitSource, index: TreeIndex, at: number): Promise<IgnoreText> {
  const path = index.paths[at] ?? "";
  if (index.sizeAt(at) > MAX_IGNORE_FILE_BYTES) {
    throw new Failure({
      reason: "LimitExceeded",
      message: `the ignore file has ${index.sizeAt(at)} bytes, more than ${MAX_IGNORE_FILE_BYTES}`,
      hint: "Use patterns instead of lists of files",
      where: { file: path },
    });
  }
  const text = Buffer.from(await source.readBlob(index.ids[at] ?? "")).toString("utf8");
  return { directory: path.slice(0, Math.max(0, path.length - IGNORE_FILE.length - 1)), text };
}

function tooManyPatterns(count: number): Failure {
  return new Failure({
    reason: "LimitExceeded",
    message: `there are ${count} ignore patterns, more than ${MAX_IGNORE_PATTERNS}`,
    hint: "Use fewer and broader patterns in .sourceignore and spec.ignore",
    where: { field: "spec.ignore" },
  });
}
