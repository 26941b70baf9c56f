// Reads a live Flux cluster, renders its sources and says what reconciling it with Plumbline would change.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Clock, digString, type Manifest } from "@plumbline/core/model";
import { openRecords } from "@plumbline/edges/disk";
import { openGitCache } from "@plumbline/edges/git";
import type { KubeClient } from "@plumbline/edges/kube";
import { mapWide } from "@plumbline/engine/preview";
import { NamedObjects } from "@plumbline/engine/watch";
import { fluxDialect } from "../operator/flux-dialect.ts";
import { compareKustomization, type CompareTools } from "./compare-kustomization.ts";
import type { Comparison, KustomizationComparison, OtherKind } from "./comparison.ts";
import { LiveObjects } from "./live-objects.ts";
import { SourceRevisions } from "./source-revisions.ts";

export interface CompareOptions {
  client: KubeClient;
  clock: Clock;
  /** Of all namespaces when undefined. */
  namespace: string | undefined;
  /** Git objects are kept there. */
  cacheDirectory: string;
  /** Let the API server try each difference: dry-run requests, which it stores nothing of. */
  serverDryRun: boolean;
  onProgress: (text: string) => void;
}

/** Kustomizations that are compared at the same time. */
const WIDTH = 4;
const FLUX_GROUP = /(^|\.)toolkit\.fluxcd\.io$/;

/**
 * Throws Failure when the cluster cannot be read at all; what concerns one Kustomization stands in its comparison.
 * Writes nothing: it gets and lists, and with `serverDryRun` sends dry runs.
 */
export async function compareCluster(options: CompareOptions): Promise<Comparison> {
  const { client, clock, namespace, cacheDirectory, onProgress } = options;
  const { deliveryKind, sourceKind } = fluxDialect;
  const within = namespace === undefined ? {} : { namespace };
  const kustomizations = (await client.listAll(deliveryKind, within)).items;
  const sources = await sourcesOf(client, kustomizations, within);
  const log = (name: string, why: string): void => onProgress(`cache record ${name} is damaged: ${why}`);
  const records = openRecords({ directory: join(cacheDirectory, "records"), onDamaged: log });
  const git = openGitCache({ directory: join(cacheDirectory, "git"), clock, records });
  const named = new NamedObjects(client, clock);
  const live = new LiveObjects(client, fluxDialect.ownerSelector);
  const tools: CompareTools = {
    client,
    named,
    sources: new SourceRevisions(sources, { client, git, onFetch: (source) => onProgress(`fetching ${source}`) }),
    serverDryRun: options.serverDryRun,
    signal: new AbortController().signal,
    preview: {
      kube: client,
      dialect: fluxDialect,
      clock: options.clock,
      sha256: (text) => createHash("sha256").update(text).digest("hex"),
      override: [],
      customKinds: new Set(),
      readLive: (refs) => live.read(refs),
    },
  };
  try {
    let done = 0;
    const compared = await mapWide(kustomizations, WIDTH, async (object): Promise<KustomizationComparison> => {
      const result = await compareKustomization(object, tools);
      onProgress(`compared ${++done} of ${kustomizations.length} Kustomizations`);
      return result;
    });
    const served = [`${deliveryKind.group}/${deliveryKind.kind}`, `${sourceKind.group}/${sourceKind.kind}`];
    return { kustomizations: compared, others: await otherKinds(client, within, new Set(served)) };
  } finally {
    named.stop();
    await git.close();
  }
}

/** Sources may stand in other namespaces than the Kustomizations that use them. */
async function sourcesOf(
  client: KubeClient,
  kustomizations: readonly Manifest[],
  within: { namespace?: string },
): Promise<Manifest[]> {
  const elsewhere = kustomizations.some((object) => {
    const namespace = digString(object, "spec", "sourceRef", "namespace") ?? "";
    return namespace !== "" && namespace !== within.namespace;
  });
  const { items } = await client.listAll(fluxDialect.sourceKind, elsewhere ? {} : within);
  return items;
}

/** Flux's kinds that this version does not serve, as far as there are objects of them. */
async function otherKinds(
  client: KubeClient,
  within: { namespace?: string },
  served: ReadonlySet<string>,
): Promise<OtherKind[]> {
  const kinds = (await client.discovery.all()).filter(
    ({ group, kind, verbs }) => FLUX_GROUP.test(group) && verbs.includes("list") && !served.has(`${group}/${kind}`),
  );
  const counted = await mapWide(kinds, WIDTH, async ({ group, version, kind }): Promise<OtherKind> => {
    const { items } = await client.listAll({ group, version, kind }, { ...within, metadataOnly: true });
    return { kind, count: items.length };
  });
  return counted.filter(({ count }) => count > 0).sort((a, b) => (a.kind < b.kind ? -1 : 1));
}
