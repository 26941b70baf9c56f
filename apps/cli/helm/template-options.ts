// The flags of `plumb helm template`: Helm's own.

import type { OptionRow } from "../quick/option-row.ts";

export interface TemplateFlags {
  values: string[];
  set: string[];
  setString: string[];
  setFile: string[];
  setJson: string[];
  setLiteral: string[];
  namespace: string;
  apiVersions: string[];
  kubeVersion?: string;
  includeCrds?: boolean;
  hooks: boolean;
  showOnly: string[];
  skipTests?: boolean;
  isUpgrade?: boolean;
  outputDir?: string;
  releaseName?: boolean;
  generateName?: boolean;
  nameTemplate?: string;
  skipSchemaValidation?: boolean;
}

export const templateOptionRows: readonly OptionRow[] = [
  {
    name: "values",
    short: "f",
    value: "files",
    repeat: "commas",
    text: "values file, repeatable; - is standard input",
  },
  { name: "set", value: "assignments", repeat: "each", text: "set values: key=value,list[0]=value" },
  { name: "set-string", value: "assignments", repeat: "each", text: "set values as strings" },
  { name: "set-file", value: "assignments", repeat: "each", text: "set values from files: key=path" },
  { name: "set-json", value: "assignment", repeat: "each", text: "set values from JSON: key={...}" },
  { name: "set-literal", value: "assignment", repeat: "each", text: "set one value as it stands: key=anything" },
  {
    name: "namespace",
    short: "n",
    value: "namespace",
    default: process.env["HELM_NAMESPACE"] ?? "default",
    text: "namespace of the release",
  },
  {
    name: "api-versions",
    short: "a",
    value: "versions",
    repeat: "commas",
    text: "API versions that the cluster has, repeatable",
  },
  { name: "kube-version", value: "version", text: "version of Kubernetes" },
  { name: "include-crds", text: "print crds/ too" },
  { name: "no-hooks", text: "leave hooks out" },
  {
    name: "show-only",
    short: "s",
    value: "file",
    repeat: "each",
    text: "print only what came from this file, repeatable",
  },
  { name: "skip-tests", text: "leave test hooks out" },
  { name: "is-upgrade", text: "set .Release.IsUpgrade instead of .Release.IsInstall" },
  { name: "output-dir", value: "directory", text: "write files instead of printing" },
  { name: "release-name", text: "use the release's name in the output directory" },
  { name: "generate-name", short: "g", text: "make up a name from the chart's" },
  { name: "name-template", value: "template", text: "a template for the name" },
  { name: "skip-schema-validation", text: "do not check values.schema.json" },
];
