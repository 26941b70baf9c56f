// What can be chosen about an installation.

import type { JsonObject } from "@plumbline/core/model";

export interface NeededRight {
  /** `deployments.apps` */
  resource: string;
  verbs: readonly string[];
  /** Restricted to these names. */
  names?: readonly string[];
  /** Why, as a sentence part: `Deployment/shop/web and 3 more`. */
  because: string;
}

/** The rights of one repository, computed from its manifests. */
export interface RepositoryRights {
  /** Rules of one ClusterRole. */
  rules: JsonObject[];
  needed: NeededRight[];
  /** Accounts to act as, by name. */
  accounts: string[];
  /** What a reader should know: rights that are as good as all of them, kinds whose resource was guessed. */
  warnings: string[];
}

export interface InstallOptions {
  /** Where the operator runs; Flux's namespace, so that objects and their consumers find what they look for. */
  namespace: string;
  /** Container image with the operator. */
  image: string;
  /**
   * `cluster` gives the operator every right, as Flux has by default. `impersonate` gives it only what it needs for
   * itself: each Kustomization must then name a ServiceAccount with the rights for its objects. Computed rights are
   * those of one repository (`repositoryRights`).
   */
  rights: "cluster" | "impersonate" | RepositoryRights;
  /** Size of a volume for the cache, so that a site restarts without network; undefined keeps it on the node. */
  cacheSize: string | undefined;
  /** Allow only the traffic that is needed. */
  networkPolicies: boolean;
}

export const defaultInstallOptions: InstallOptions = {
  namespace: "flux-system",
  image: "plumbline:latest",
  rights: "cluster",
  cacheSize: undefined,
  networkPolicies: true,
};

/** What someone chose; undefined stands for the default. */
export type InstallChoices = { [Name in keyof InstallOptions]?: InstallOptions[Name] | undefined };

export function withDefaults(chosen: InstallChoices): InstallOptions {
  return {
    namespace: chosen.namespace ?? defaultInstallOptions.namespace,
    image: chosen.image ?? defaultInstallOptions.image,
    rights: chosen.rights ?? defaultInstallOptions.rights,
    cacheSize: chosen.cacheSize,
    networkPolicies: chosen.networkPolicies ?? defaultInstallOptions.networkPolicies,
  };
}
