// `plumb install`: CRDs, rights and the Deployment of the operator.

import { mergeCrd } from "@plumbline/core/crd";
import { Failure, formatRef, type Manifest, refOf } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import { Command, Option } from "commander";
import { type Connection, withClusterOptions, withConnection } from "../cluster/connection.ts";
import { crdManifests, installManifests } from "../install/install-manifests.ts";
import type { RepositoryRights } from "../install/install-options.ts";
import { repositoryRights } from "../install/repository-rights.ts";
import { diskTree } from "../disk-tree.ts";
import { readRepository } from "../install/read-repository.ts";
import { rightsReport } from "../install/rights-report.ts";

interface InstallCommandOptions {
  kubeconfig?: string;
  context?: string;
  namespace: string;
  export?: boolean;
  image: string;
  crdsOnly?: boolean;
  rights: "cluster" | "impersonate" | "repository";
  repository?: string;
  path: string;
  cacheSize?: string;
  networkPolicies: boolean;
}

const MANAGER = "plumb-install";

export function installCommand(): Command {
  const command = new Command("install")
    .description("Install the CRDs, the rights and the Deployment of the operator; or print them with --export.")
    .option("--export", "print the manifests, touch no cluster")
    .option("--crds-only", "only the CustomResourceDefinitions")
    .option("--image <image>", "image of the operator", "ghcr.io/plumbline/plumbline:0.0.0")
    .addOption(
      new Option(
        "--rights <rights>",
        "cluster: every right, as Flux has; impersonate: Kustomizations name a ServiceAccount; repository: what the manifests of --repository need, computed and explained",
      )
        .choices(["cluster", "impersonate", "repository"])
        .default("cluster"),
    )
    .option("--repository <dir>", "root of a checkout, for --rights repository")
    .option("--path <dir>", "folder of the checkout that the cluster starts from, for --rights repository", ".")
    .option(
      "--cache-size <quantity>",
      "keep the cache on a volume of this size, so that a site restarts without network",
    )
    .option("--no-network-policies", "leave out the NetworkPolicies")
    .addHelpText(
      "after",
      "\nExamples:\n  plumb install --export > plumbline.yaml\n  plumb install --context site1 --crds-only\n  plumb install --export --rights repository --repository . --path clusters/site1",
    );
  return withClusterOptions(command).action(async (options: InstallCommandOptions) => {
    const manifests = manifestsOf(options);
    if (options.export) {
      process.stdout.write(manifests.map((manifest) => `---\n${toYaml(manifest)}`).join(""));
      return;
    }
    await withConnection(options, (connection) => install(manifests, connection));
  });
}

function manifestsOf(options: InstallCommandOptions): Manifest[] {
  if (options.crdsOnly) return crdManifests();
  const { namespace, image, cacheSize, networkPolicies } = options;
  const rights = options.rights === "repository" ? computedRights(options) : options.rights;
  return installManifests({ namespace, image, rights, cacheSize, networkPolicies });
}

/** Explains itself on stderr, so that the manifests can be piped. Throws Failure. */
function computedRights({ repository, path }: InstallCommandOptions): RepositoryRights {
  if (repository === undefined) {
    throw new Failure({
      reason: "UsageError",
      message: "--rights repository computes the rights from manifests",
      hint: "Say where they are: --repository DIR --path FOLDER",
    });
  }
  const reading = readRepository(diskTree(repository), path);
  const rights = repositoryRights(reading.kustomizations);
  process.stderr.write(rightsReport(reading, rights));
  return rights;
}

/** A CRD keeps every API version that objects in the cluster are still stored in. */
async function install(manifests: readonly Manifest[], { client }: Connection): Promise<void> {
  for (const manifest of manifests) {
    const ref = refOf(manifest);
    const isCrd = ref.kind === "CustomResourceDefinition";
    const live = isCrd ? await client.find(ref) : undefined;
    const wanted = live ? mergeCrd(live, manifest).manifest : manifest;
    const { created } = await client.apply(wanted, { fieldManager: MANAGER, force: true });
    process.stdout.write(`✔ ${formatRef(ref)} ${created ? "created" : "configured"}\n`);
    if (isCrd) await client.discovery.refresh();
  }
}
