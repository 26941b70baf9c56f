// `plumb install`: CRDs, rights and the Deployment of the operator.

import { mergeCrd } from "@plumbline/core/crd";
import { type Manifest, refOf, formatRef } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import { Command, Option } from "commander";
import { type Connection, withClusterOptions, withConnection } from "../cluster/connection.ts";
import { crdManifests, installManifests } from "../install/install-manifests.ts";

interface InstallCommandOptions {
  kubeconfig?: string;
  context?: string;
  namespace: string;
  export?: boolean;
  image: string;
  crdsOnly?: boolean;
  rights: "cluster" | "impersonate";
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
        "cluster: every right, as Flux has; impersonate: Kustomizations name a ServiceAccount",
      )
        .choices(["cluster", "impersonate"])
        .default("cluster"),
    )
    .option(
      "--cache-size <quantity>",
      "keep the cache on a volume of this size, so that a site restarts without network",
    )
    .option("--no-network-policies", "leave out the NetworkPolicies")
    .addHelpText(
      "after",
      "\nExamples:\n  plumb install --export > plumbline.yaml\n  plumb install --context site1 --crds-only",
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
  const { namespace, image, rights, cacheSize, networkPolicies } = options;
  return options.crdsOnly ? crdManifests() : installManifests({ namespace, image, rights, cacheSize, networkPolicies });
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
