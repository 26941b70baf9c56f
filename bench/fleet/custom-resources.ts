// Flux's objects of the fleet.

import type { Manifest } from "@plumbline/core/model";
import { namespaces } from "./application.ts";

/** `interval` as Flux writes durations. */
export function fluxKustomization(name: string, interval: string): Manifest {
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name, namespace: namespaces.flux },
    spec: {
      interval,
      path: `./apps/${name}`,
      prune: true,
      wait: true,
      timeout: "2m",
      sourceRef: { kind: "GitRepository", name: "fleet" },
    },
  };
}

export function gitRepository(url: string, interval: string): Manifest {
  return {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "GitRepository",
    metadata: { name: "fleet", namespace: namespaces.flux },
    spec: { interval, url, ref: { branch: "main" } },
  };
}
