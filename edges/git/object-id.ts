// Ids of Git objects are hashes of what is in them: a cache that was damaged on disk shows by them.

import { createHash } from "node:crypto";

/** True when `id` is the id of an object with this type and these bytes, in SHA-1 or SHA-256 by its length. */
export function isIdOf(id: string, type: string, bytes: Uint8Array): boolean {
  const hash = createHash(id.length === 64 ? "sha256" : "sha1");
  return hash.update(`${type} ${bytes.length}\0`).update(bytes).digest("hex") === id;
}

/** The same for the content of a file that comes in pieces. */
export function idCheck(id: string, size: number): { add(part: Uint8Array): void; isRight(): boolean } {
  const hash = createHash(id.length === 64 ? "sha256" : "sha1").update(`blob ${size}\0`);
  return { add: (part) => void hash.update(part), isRight: () => hash.digest("hex") === id };
}

/** A tree by its listing; its content as git would store it, latin1. */
export interface ListedTree {
  id: string;
  content: string;
}

interface OpenTree extends ListedTree {
  /** Length of the path with its slash; 0 for the root. */
  prefix: number;
  path: string;
}

/**
 * The trees that `git ls-tree -r -t -z -l` lists with other entries than their ids stand for. git itself checks neither
 * ids nor the index of a pack when it reads. Trees with modes in an unusual form are among them: `isListed` tells.
 */
export function doubtfulTrees(listing: Buffer, rootId: string): ListedTree[] {
  const doubtful: ListedTree[] = [];
  const open: OpenTree[] = [{ id: rootId, prefix: 0, path: "", content: "" }];
  const close = (): void => {
    const tree = open.pop();
    if (tree && !isIdOf(tree.id, "tree", Buffer.from(tree.content, "latin1"))) doubtful.push(tree);
  };
  for (let at = 0; at < listing.length;) {
    const tab = listing.indexOf(9, at);
    const end = listing.indexOf(0, tab);
    const [mode = "", type = "", id = ""] = listing.toString("latin1", at, tab).split(" ", 3);
    const path = listing.toString("latin1", tab + 1, end);
    while (open.length > 1 && !isBelow(path, open.at(-1))) close();
    const parent = open.at(-1);
    if (parent) parent.content += `${mode.replace(/^0+/, "")} ${path.slice(parent.prefix)}\0${rawId(id)}`;
    if (type === "tree") open.push({ id, prefix: path.length + 1, path, content: "" });
    at = end + 1;
  }
  while (open.length > 0) close();
  return doubtful;
}

/** True when a tree object, whose modes may have leading zeros, was listed with exactly its entries. */
export function isListed(tree: Uint8Array, listed: ListedTree): boolean {
  const raw = Buffer.from(tree).toString("latin1");
  const idLength = listed.id.length / 2;
  let entries = "";
  for (let at = 0; at < raw.length;) {
    const space = raw.indexOf(" ", at);
    const end = raw.indexOf("\0", space);
    if (space < 0 || end < 0) return false;
    const next = end + 1 + idLength;
    entries += raw.slice(at, space).replace(/^0+/, "") + raw.slice(space, next);
    at = next;
  }
  return entries === listed.content;
}

function isBelow(path: string, tree: OpenTree | undefined): boolean {
  return tree !== undefined && path.charCodeAt(tree.prefix - 1) === 47 && path.startsWith(tree.path);
}

function rawId(id: string): string {
  return Buffer.from(id, "hex").toString("latin1");
}
