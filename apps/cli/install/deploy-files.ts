// The files below deploy/, for those who install with kubectl.

import type { Manifest } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import { crdManifests, installManifests } from "./install-manifests.ts";
import { defaultInstallOptions } from "./install-options.ts";

/** Text by path relative to `deploy/`; `node deploy/write.ts` writes them. */
export function deployFiles(): Record<string, string> {
  const files: Record<string, string> = { "install.yaml": yamlOf(installManifests(defaultInstallOptions)) };
  for (const crd of crdManifests()) {
    const { name } = crd.metadata as { name: string }; // crdManifests sets it
    files[`crds/${name}.yaml`] = yamlOf([crd]);
  }
  return files;
}

function yamlOf(manifests: Manifest[]): string {
  return manifests.map((manifest) => `---\n${toYaml(manifest)}`).join("");
}
