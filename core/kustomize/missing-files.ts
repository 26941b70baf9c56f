// Which files of a kustomization are still elsewhere, so that one fetch brings them all.

import { NotLoaded, type FileTree } from "@plumbline/core/model";
import type { Kustomization } from "./kustomization.ts";
import { isFileUrl } from "./loader.ts";

/** Every local path that a kustomization names; directories among them. */
export function namedFiles(settings: Kustomization): Set<string> {
  const generators = [...(settings.configMapGenerator ?? []), ...(settings.secretGenerator ?? [])];
  const patches = [...(settings.patches ?? []), ...(settings.patchesJson6902 ?? []), ...(settings.replacements ?? [])];
  const named = [
    ...(settings.resources ?? []),
    ...(settings.components ?? []),
    ...(settings.configurations ?? []),
    ...(settings.crds ?? []),
    ...(settings.patchesStrategicMerge ?? []),
    ...(settings.generators ?? []),
    ...(settings.transformers ?? []),
    ...(settings.validators ?? []),
    ...patches.flatMap(({ path }) => (path ? [path] : [])),
    ...generators.flatMap(({ envs }) => envs ?? []),
    ...generators.flatMap(({ files }) => files ?? []).map((source) => source.slice(source.indexOf("=") + 1)),
  ];
  return new Set(named.filter((path) => path !== "" && !path.includes("\n") && !isFileUrl(path)));
}

/** A `NotLoaded` that names the known paths and those of `places` that cannot be read yet. */
export function missingOf(known: readonly string[], files: FileTree, places: readonly string[]): NotLoaded {
  const missing = new Set(known);
  for (const place of places) {
    if (files.kind(place) !== "file") continue;
    try {
      files.read(place);
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error;
      error.paths.forEach((path) => missing.add(path));
    }
  }
  return new NotLoaded([...missing].sort());
}
