// The flags of `plumb kustomize build`: kustomize's own.

import type { OptionRow } from "../quick/option-row.ts";

export interface BuildFlags {
  output?: string;
  loadRestrictor: string;
  reorder?: string;
  enableHelm?: boolean;
  helmCommand: string;
  helmApiVersions: string[];
  helmKubeVersion: string;
  helmDebug?: boolean;
  enableManagedbyLabel?: boolean;
  enableAlphaPlugins?: boolean;
  enableExec?: boolean;
  network?: boolean;
  networkName?: string;
  mount: string[];
  env: string[];
  asCurrentUser?: boolean;
}

const NO_CONTAINER = "accepted for compatibility: no container is ever run";
const REFUSED = "refused: no program and no container is run";

export const buildOptionRows: readonly OptionRow[] = [
  { name: "output", short: "o", value: "path", text: "write to this file, or one file per object into this directory" },
  {
    name: "load-restrictor",
    value: "restriction",
    choices: ["LoadRestrictionsRootOnly", "LoadRestrictionsNone"],
    default: "LoadRestrictionsRootOnly",
    text: "which files kustomizations may read",
  },
  { name: "reorder", value: "order", choices: ["legacy", "none"], text: "order of the output" },
  { name: "enable-helm", text: "render helmCharts" },
  { name: "helm-command", value: "program", default: "helm", text: "the helm program, which pulls charts" },
  { name: "helm-api-versions", value: "version", repeat: "each", text: "API version for charts, repeatable" },
  { name: "helm-kube-version", value: "version", default: "", text: "Kubernetes version for charts" },
  { name: "helm-debug", text: "accepted for compatibility: failures of charts are always told in full" },
  { name: "enable-managedby-label", text: "add app.kubernetes.io/managed-by" },
  { name: "as-current-user", text: NO_CONTAINER },
  { name: "network-name", value: "name", text: NO_CONTAINER, hidden: true },
  { name: "enable-alpha-plugins", text: REFUSED, hidden: true },
  { name: "enable-exec", text: REFUSED, hidden: true },
  { name: "network", text: REFUSED, hidden: true },
  { name: "mount", value: "mount", repeat: "each", text: REFUSED, hidden: true },
  { name: "env", short: "e", value: "env", repeat: "each", text: REFUSED, hidden: true },
];
