// Follows the Kustomizations of a checkout from one folder on: what would be applied, and as whom.

import { createHash } from "node:crypto";
import { buildDelivery } from "@plumbline/core/build";
import {
  asFailure,
  type Delivery,
  Failure,
  type FileTree,
  formatFailure,
  gvkOf,
  type Manifest,
} from "@plumbline/core/model";
import { readKustomization } from "@plumbline/dialects/flux";
import type { KustomizationObjects } from "./repository-rights.ts";

export interface RepositoryReading {
  kustomizations: KustomizationObjects[];
  /** What could not be followed, as sentences. */
  notes: string[];
}

/** A repository that has more is not read to its end. */
const MAX_KUSTOMIZATIONS = 10_000;

/**
 * The first Kustomizations that are found tell which source this checkout is; those of other sources are noted and not
 * followed. Variables of ConfigMaps and Secrets stay as they are written. Throws Failure when the first folder does not
 * build.
 */
export function readRepository(tree: FileTree, path: string): RepositoryReading {
  const reading: RepositoryReading = { kustomizations: [], notes: [] };
  const seen = new Set<string>();
  const pending: Delivery[] = [];
  let own: string | undefined;
  const take = (name: string, delivery: ToBuild, serviceAccount?: string): void => {
    const manifests = build(tree, delivery);
    reading.kustomizations.push({ name, serviceAccount, manifests });
    for (const manifest of manifests.filter(isKustomization)) {
      const found = readOr(manifest, reading.notes);
      if (found) pending.push(found);
    }
  };
  take(`the folder ${path}`, entryOf(path));
  for (let next = pending.shift(); next; next = pending.shift()) {
    const name = `${next.origin.namespace}/${next.origin.name}`;
    const source = `${next.source.kind} ${next.source.namespace}/${next.source.name}`;
    own ??= source;
    if (seen.has(name)) continue;
    seen.add(name);
    if (seen.size > MAX_KUSTOMIZATIONS) throw tooMany();
    if (source !== own) reading.notes.push(`Kustomization ${name} reads ${source}, which is not this checkout`);
    else followed(() => take(name, next, next.serviceAccount), name, reading.notes);
  }
  return reading;
}

type ToBuild = Parameters<typeof buildDelivery>[1];

function followed(work: () => void, name: string, notes: string[]): void {
  try {
    work();
  } catch (error) {
    notes.push(`Kustomization ${name}: ${formatFailure(asFailure(error))}`);
  }
}

function build(tree: FileTree, delivery: ToBuild): Manifest[] {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  return buildDelivery(tree, { ...delivery, substitution: undefined }, { variables: undefined, sha256 }).manifests;
}

/** As if a Kustomization without any field but the path had named the folder. */
function entryOf(path: string): ToBuild {
  const manifest: Manifest = {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: "entry", namespace: "flux-system" },
    spec: { path, interval: "1m", prune: true, sourceRef: { kind: "GitRepository", name: "entry" } },
  };
  return readKustomization(manifest);
}

function isKustomization(manifest: Manifest): boolean {
  const { group, kind } = gvkOf(manifest);
  return group === "kustomize.toolkit.fluxcd.io" && kind === "Kustomization";
}

function readOr(manifest: Manifest, notes: string[]): Delivery | undefined {
  try {
    return readKustomization(manifest);
  } catch (error) {
    notes.push(formatFailure(asFailure(error)));
    return undefined;
  }
}

function tooMany(): Failure {
  return new Failure({
    reason: "LimitExceeded",
    message: `the repository has more than ${MAX_KUSTOMIZATIONS} Kustomizations`,
    hint: "Compute the rights of its parts: name a folder further down with --path",
  });
}
