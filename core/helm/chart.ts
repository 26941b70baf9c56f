// A chart: its metadata, files, values and subcharts, as they came out of a folder or an archive.

import { GoMap, type Value } from "@plumbline/core/template";

export interface ChartFile {
  /** Path inside the chart. */
  readonly name: string;
  /** Of a folder it is read on first use: most charts have files that no template asks for. */
  readonly data: Uint8Array;
}

/** The same file by another name; nothing is read. */
export function renamed(file: ChartFile, name: string): ChartFile {
  return {
    name,
    get data() {
      return file.data;
    },
  };
}

export interface Maintainer {
  name: string;
  email: string;
  url: string;
}

/** One entry of `dependencies:`. */
export interface Dependency {
  name: string;
  version: string;
  repository: string;
  condition: string;
  tags: string[];
  enabled: boolean;
  importValues: Value[];
  alias: string;
}

/** Chart.yaml; fields that are absent are empty. */
export interface Metadata {
  name: string;
  home: string;
  sources: string[];
  version: string;
  description: string;
  keywords: string[];
  maintainers: Maintainer[];
  icon: string;
  apiVersion: string;
  condition: string;
  tags: string;
  appVersion: string;
  deprecated: boolean;
  annotations: Record<string, string> | undefined;
  kubeVersion: string;
  dependencies: Dependency[] | undefined;
  type: string;
}

export interface Chart {
  metadata: Metadata;
  /** Files below templates/. */
  templates: ChartFile[];
  /** Everything that is neither a template nor one of the files with a meaning of their own. */
  files: ChartFile[];
  /** Every file as it was loaded, for `show`. */
  raw: ChartFile[];
  values: GoMap;
  schema: Uint8Array | undefined;
  dependencies: Chart[];
  parent: Chart | undefined;
}

/** `parent/charts/child`, as rendered files are named. */
export function chartPath(chart: Chart): string {
  return chart.parent ? `${chartPath(chart.parent)}/charts/${chart.metadata.name}` : chart.metadata.name;
}

/** Makes charts the subcharts of another, in this order. */
export function setDependencies(chart: Chart, dependencies: Chart[]): void {
  for (const dependency of dependencies) dependency.parent = chart;
  chart.dependencies = dependencies;
}

/** True for charts of type library: only their partials count. */
export function isLibrary(chart: Chart): boolean {
  return chart.metadata.type.toLowerCase() === "library";
}

/** Files of crds/, the chart's own first, with the names under which they are printed. */
export function crdFiles(chart: Chart): ChartFile[] {
  const own = chart.files
    .filter((file) => file.name.startsWith("crds/") && /\.(?:yaml|yml|json)$/i.test(file.name))
    .map((file) => renamed(file, `${chartPath(chart)}/${file.name}`));
  return [...own, ...chart.dependencies.flatMap(crdFiles)];
}

export const emptyMap = (): GoMap => new GoMap(new Map());
