// The kustomization file of a directory.

import { Failure, NotLoaded } from "@plumbline/core/model";
import { decodeYamlText } from "@plumbline/core/yaml";
import { remember, type ParseCache } from "./cache.ts";
import { buildFailure } from "./failures.ts";
import { MAX_CACHED_FILES } from "./limits.ts";
import { parseKustomization, type Kustomization } from "./kustomization.ts";
import type { Loader } from "./loader.ts";

export const KUSTOMIZATION_FILES = ["kustomization.yaml", "kustomization.yml", "Kustomization"] as const;

export interface LoadedKustomization {
  name: string;
  file: string;
  settings: Kustomization;
  warnings: readonly string[];
}

/** Finds and reads it. Throws `Failure` when there is none, or more than one. */
export function loadKustomization(loader: Loader, parse: ParseCache): LoadedKustomization {
  const found = KUSTOMIZATION_FILES.flatMap((name) => {
    try {
      return [{ name, place: loader.locate(name) }];
    } catch (error) {
      if (error instanceof NotLoaded || !(error instanceof Failure)) throw error;
      return [];
    }
  });
  const [first] = found;
  if (!first) {
    throw buildFailure(
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${loader.root}'`,
      { file: loader.root },
      "Add a kustomization file, or name another directory.",
    );
  }
  if (found.length > 1) {
    throw buildFailure(`found multiple kustomization files under: ${loader.root}`, { file: loader.root }, "Keep one.");
  }
  const { kustomizations } = parse;
  const id = loader.files.files.id(first.place);
  let parsed = id === undefined ? undefined : kustomizations.get(`${id} ${first.place}`);
  const text = parsed ? undefined : decodeYamlText(loader.files.read(first.place), first.place);
  if (parsed) loader.files.reads.set(first.place, id);
  parsed ??= parseKustomization(text ?? "", first.place);
  if (id !== undefined) remember(kustomizations, { key: `${id} ${first.place}`, value: parsed }, MAX_CACHED_FILES);
  return { name: first.name, file: first.place, settings: { ...parsed.settings }, warnings: parsed.warnings };
}
