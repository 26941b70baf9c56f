// The kinds that commands take, under all the names that people type.

import { Failure, type Gvk } from "@plumbline/core/model";

export interface FluxKind extends Gvk {
  /** What `-h` and messages call it. */
  title: string;
}

const GIT_REPOSITORY: FluxKind = {
  group: "source.toolkit.fluxcd.io",
  version: "v1",
  kind: "GitRepository",
  title: "gitrepository",
};
const KUSTOMIZATION: FluxKind = {
  group: "kustomize.toolkit.fluxcd.io",
  version: "v1",
  kind: "Kustomization",
  title: "kustomization",
};

const names: Record<string, FluxKind[]> = {
  all: [GIT_REPOSITORY, KUSTOMIZATION],
  kustomization: [KUSTOMIZATION],
  kustomizations: [KUSTOMIZATION],
  ks: [KUSTOMIZATION],
  gitrepository: [GIT_REPOSITORY],
  gitrepositories: [GIT_REPOSITORY],
  gitrepo: [GIT_REPOSITORY],
  "source git": [GIT_REPOSITORY],
  "sources git": [GIT_REPOSITORY],
  "sources all": [GIT_REPOSITORY],
  sources: [GIT_REPOSITORY],
};

export interface KindWords {
  kinds: FluxKind[];
  /** The name of one object, when one was given. */
  name: string | undefined;
}

/** Reads `ks web`, `source git fleet`, `kustomization/web`. Throws a usage failure that lists what there is. */
export function readKindWords(words: readonly string[]): KindWords {
  const [first = "", second, third] = words
    .flatMap((word) => word.split("/"))
    .map((word, i) => (i === 0 ? word.toLowerCase() : word));
  const pair = names[`${first} ${second ?? ""}`];
  if (pair) return { kinds: pair, name: third };
  const single = names[first];
  if (single) return { kinds: single, name: second };
  const message = first === "" ? "which kind?" : `unknown kind "${[first, second].filter(Boolean).join(" ")}"`;
  throw new Failure({
    reason: "UsageError",
    message,
    hint: "Use kustomization (ks), source git (gitrepository), or all.",
  });
}
