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

const names = new Map<string, FluxKind[]>(
  Object.entries({
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
  }),
);

export interface KindWords {
  kinds: FluxKind[];
  /** The name of one object, when one was given. */
  name: string | undefined;
}

/** Reads `ks web`, `source git fleet`, `kustomization/web`. Throws a usage failure that lists what there is. */
export function readKindWords(words: readonly string[]): KindWords {
  const parts = words.flatMap((word) => word.split("/")).map((word, i) => (i === 0 ? word.toLowerCase() : word));
  const [first = "", second] = parts;
  const pair = names.get(`${first} ${second?.toLowerCase() ?? ""}`);
  const kinds = pair ?? names.get(first);
  if (!kinds) throw unknownKind(first, second);
  const [name, ...more] = parts.slice(pair ? 2 : 1);
  if (more.length > 0) {
    throw new Failure({
      reason: "UsageError",
      message: `"${more.join(" ")}" is too much after ${parts.slice(0, -more.length).join(" ")}`,
      hint: "Name one object at a time, such as: ks apps",
    });
  }
  return { kinds, name };
}

function unknownKind(first: string, second: string | undefined): Failure {
  return new Failure({
    reason: "UsageError",
    message: first === "" ? "which kind?" : `unknown kind "${[first, second].filter(Boolean).join(" ")}"`,
    hint: "Use kustomization (ks), source git (gitrepository), or all.",
  });
}
