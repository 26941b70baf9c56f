// The folder that a delivery is built from.

import { Failure, type FileTree } from "@plumbline/core/model";

/**
 * The path of `spec.path` in the tree. Steps out of the root end at the root, as Flux has it.
 * Throws ArtifactFailed when nothing stands there, naming what does stand next to it, and BuildFailed for a file.
 */
export function deliveryFolder(tree: FileTree, path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const folder = parts.join("/");
  const kind = folder === "" ? "directory" : tree.kind(folder);
  if (kind === "directory") return folder;
  const where = { field: "spec.path", file: folder };
  if (kind === "file") {
    const hint = "Name the folder that the file is in";
    throw new Failure({ reason: "BuildFailed", message: `spec.path ${folder} is a file, not a folder`, hint, where });
  }
  const message = `kustomization path not found: ${folder}: no such file or directory`;
  throw new Failure({ reason: "ArtifactFailed", message, hint: neighbours(tree, parts), where });
}

/** As many names as fit on a line. */
const mostNeighbours = 8;

function neighbours(tree: FileTree, parts: string[]): string {
  let depth = parts.length - 1;
  while (depth > 0 && tree.kind(parts.slice(0, depth).join("/")) !== "directory") depth--;
  const nearest = parts.slice(0, Math.max(depth, 0)).join("/");
  const folders = tree.list(nearest).filter((entry) => entry.kind === "directory");
  const names = folders.slice(0, mostNeighbours).map((entry) => entry.name);
  const more = folders.length > names.length ? ", …" : "";
  const place = nearest === "" ? "the source" : nearest;
  return names.length === 0 ? `${place} has no folders` : `Correct spec.path; ${place} has ${names.join(", ")}${more}`;
}
