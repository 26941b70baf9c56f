// Patches as the kustomization names them: inline or in files, strategic merge or JSON.

import { Failure, NotLoaded } from "@plumbline/core/model";
import { buildFailure, locate } from "./failures.ts";
import { parseJsonPatch, type PatchOperation } from "./json-patch.ts";
import type { PatchSettings } from "./kustomization.ts";
import type { Loader } from "./loader.ts";
import { readResources } from "./read-resources.ts";
import { jsonPatchTransform, patchTransform, strategicMergeTransform, type MergePatch } from "./transform-patches.ts";
import type { Transform } from "./transform.ts";

export interface PatchContext {
  readonly loader: Loader;
  /** The kustomization or plugin file that names the patch. */
  readonly file: string;
}

type Attempt<T> = { value: T } | { failure: Failure };

function attempt<T>(action: () => T): Attempt<T> {
  try {
    return { value: action() };
  } catch (error) {
    if (error instanceof Failure && error.reason !== "LimitExceeded") return { failure: error };
    throw error;
  }
}

function mergePatches(text: string, source: string, options: PatchSettings["options"] = {}): MergePatch[] {
  return readResources(text, source).map((tree) => ({
    tree,
    source,
    allowNameChange: options.allowNameChange ?? false,
    allowKindChange: options.allowKindChange ?? false,
  }));
}

/** One entry of `patches`. Throws `Failure` when it is neither kind of patch, or both. */
export function loadPatch(settings: Partial<PatchSettings>, context: PatchContext): Transform {
  const inline = settings.patch?.trim() ?? "";
  const path = settings.path ?? "";
  const where = { file: context.file, field: "patches" };
  if (inline === "" && path === "") throw buildFailure("must specify one of patch and path", where, "Set one of them.");
  if (inline !== "" && path !== "") {
    throw buildFailure("patch and path can't be set at the same time", where, "Keep one of them.");
  }
  const source = inline === "" ? context.loader.pathOf(path) : context.file;
  const text = inline === "" ? loadText(path, context) : inline;
  const merge = attempt(() => mergePatches(text, source, settings.options));
  const json = attempt(() => parseJsonPatch(text));
  if ("failure" in merge && "failure" in json) {
    const cause = text.trimStart().startsWith("[") ? json.failure : merge.failure;
    throw locate(cause, { file: source }, `unable to parse SM or JSON patch from ${describe(settings)}`);
  }
  if ("value" in merge && "value" in json && merge.value.length > 0 && json.value.length > 0) {
    throw buildFailure("illegally qualifies as both an SM and JSON patch", { file: source }, "Make it one of them.");
  }
  if ("value" in merge) return patchTransform({ patches: merge.value, target: settings.target, source });
  const operations = "value" in json ? json.value : [];
  return jsonPatchTransform({ name: "PatchTransformer", operations, target: settings.target, source });
}

function describe({ path, patch }: Partial<PatchSettings>): string {
  return path ? `[path: ${JSON.stringify(path)}]` : `[patch: ${JSON.stringify(patch?.trim() ?? "")}]`;
}

function loadText(path: string, { loader, file }: PatchContext): string {
  try {
    return loader.text(path);
  } catch (error) {
    if (error instanceof NotLoaded) throw error;
    throw locate(error, { file }, `failed to get the patch file from path(${path})`);
  }
}

/** patchesStrategicMerge: every entry is patch text or a path. */
export function loadStrategicMerge(paths: readonly string[], inline: string, context: PatchContext): Transform {
  const where = { file: context.file, field: "patchesStrategicMerge" };
  if (paths.length === 0 && inline === "")
    throw buildFailure("empty file path and empty patch content", where, "Add a patch.");
  const patches = paths.flatMap((path) => {
    const text = attempt(() => mergePatches(path, context.file));
    return "value" in text ? text.value : mergePatches(context.loader.text(path), context.loader.pathOf(path));
  });
  if (inline !== "") patches.push(...mergePatches(inline, context.file));
  if (patches.length === 0) {
    throw buildFailure(
      `patch appears to be empty; files=[${paths.join(" ")}]`,
      where,
      "Add a patch, or drop the entry.",
    );
  }
  return strategicMergeTransform(patches);
}

/** One entry of patchesJson6902. */
export function loadJson6902(settings: Partial<PatchSettings> & { jsonOp?: string }, context: PatchContext): Transform {
  const where = { file: context.file, field: "patchesJson6902" };
  const { target, path = "" } = settings;
  const inline = settings.jsonOp ?? settings.patch ?? "";
  if (!target?.name) throw buildFailure("must specify the target name", where, "Name the target.");
  if (path === "" && inline === "") throw buildFailure("empty file path and empty jsonOp", where, "Add a patch.");
  if (path !== "" && inline !== "") {
    throw buildFailure("must specify a file path or jsonOp, not both", where, "Keep one of them.");
  }
  const source = path === "" ? context.file : context.loader.pathOf(path);
  const text = path === "" ? inline : context.loader.text(path);
  let operations: PatchOperation[];
  try {
    operations = parseJsonPatch(text);
  } catch (error) {
    throw locate(error, { file: source }, "decoding the JSON patch");
  }
  if (operations.length === 0) throw buildFailure("patch appears to be empty", { file: source }, "Add operations.");
  return jsonPatchTransform({ name: "PatchJson6902Transformer", operations, target, source });
}
