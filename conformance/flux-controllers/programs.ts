// Flux's own controllers, built from their Go modules at the release that we stand in for.

import { buildGoProgram } from "@plumbline/testkit/go";

const MODULE = "conformance/flux-controllers";

/** kustomize-controller v1.9.5 (Flux 2.9). */
export function kustomizeControllerBinary(): Promise<string> {
  return fluxBinary("kustomize-controller");
}

/** source-controller v1.9.5 (Flux 2.9). */
export function sourceControllerBinary(): Promise<string> {
  return fluxBinary("source-controller");
}

function fluxBinary(name: string): Promise<string> {
  return buildGoProgram({ module: MODULE, package: `github.com/fluxcd/${name}`, name, about: "4 min" });
}
