// helmCharts: values are put together here, the chart itself is rendered by a function that is handed in.

import { NotLoaded, setOwn, type FileTree, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { decodeYamlText, toYaml } from "@plumbline/core/yaml";
import { buildFailure, locate } from "./failures.ts";
import type { HelmChartSettings, HelmGlobals } from "./kustomization.ts";
import type { Loader } from "./loader.ts";
import { mergePatch } from "./merge.ts";
import type { OpenApi } from "./openapi-schema.ts";
import { joinClean } from "./origin.ts";
import { readDocuments, readResources } from "./read-resources.ts";
import { nothingCarried, Resource } from "./resource.ts";
import { jsonOf } from "./tree-json.ts";
import { MapNode, cloneTree, treeOf, type Tree } from "./tree.ts";

/** A chart that is not in the source, as `helm pull` would be asked. */
export interface ChartSource {
  readonly name: string;
  /** Empty for the newest one. */
  readonly version: string;
  /** `https://…` or `oci://…`. */
  readonly repo: string;
  /** Pre-releases count too. */
  readonly devel: boolean;
}

/** Where a chart stands. */
export interface PulledChart {
  readonly files: FileTree;
  readonly directory: string;
}

/** One chart to render, as `helm template` would be asked. */
export interface HelmRequest extends PulledChart {
  readonly name: string;
  /** Empty: Helm makes a name up. */
  readonly releaseName: string;
  readonly nameTemplate: string;
  readonly namespace: string;
  /** YAML texts in the order of `-f`. */
  readonly values: readonly string[];
  readonly includeCrds: boolean;
  readonly skipHooks: boolean;
  readonly skipTests: boolean;
  readonly apiVersions: readonly string[];
  readonly kubeVersion: string;
}

/** Renders a chart to YAML documents. May throw `NotLoaded`. */
export type RenderChart = (request: HelmRequest) => string;

export interface HelmOptions {
  readonly render: RenderChart;
  /** Fetches a chart that is not there. Absent: such charts are refused. May throw `NotLoaded`. */
  readonly pull?: (chart: ChartSource) => PulledChart;
  /** Take precedence over the chart's own settings, like kustomize's flags. */
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
}

interface HelmContext {
  readonly loader: Loader;
  readonly openApi: OpenApi;
  readonly helm: HelmOptions | undefined;
  readonly file: string;
}

const MERGES = ["merge", "override", "replace"];

/** The objects of one chart. Throws `Failure` when Helm is not allowed or the chart cannot be rendered. */
export function inflateChart(
  chart: Partial<HelmChartSettings>,
  globals: Partial<HelmGlobals>,
  context: HelmContext,
): Resource[] {
  const where = { file: context.file, field: "helmCharts" };
  const { helm, loader } = context;
  if (!helm) throw buildFailure("must specify --enable-helm", where, "Allow Helm charts, or render the chart first.");
  const { name = "", version = "", repo = "", valuesMerge = "" } = chart;
  if (name === "") throw buildFailure("chart name cannot be empty", where, "Name the chart.");
  if (valuesMerge !== "" && !MERGES.includes(valuesMerge)) {
    throw buildFailure(`valuesMerge must be one of [${MERGES.join(" ")}]`, where, "Correct valuesMerge.");
  }
  const home = globals.chartHome || "charts";
  const chartHome = version !== "" && repo !== "" ? `${home}/${name}-${version}` : home;
  const path = loader.pathOf(`${chartHome}/${name}`);
  const found = loader.files.resolve(joinClean("", path));
  if (found?.kind !== "directory" && repo === "") {
    throw buildFailure(`no repo specified for pull, no chart found at '${path}'`, where, "Add the chart or its repo.");
  }
  if (found?.kind !== "directory" && !helm.pull) {
    const hint = "Put the chart into the source; here none are fetched.";
    throw buildFailure(`no chart found at '${path}', and ${repo} is not asked`, where, hint);
  }
  const pulled =
    found?.kind === "directory" ? undefined : helm.pull?.({ name, version, repo, devel: chart.devel ?? false });
  const place = pulled ?? { files: loader.files.files, directory: found?.path ?? "" };
  const valuesPath = `${chartHome}/${name}/values.yaml`;
  const values = chartValues(chart, { loader, openApi: context.openApi, path: valuesPath, pulled });
  const more = (chart.additionalValuesFiles ?? []).map((file) => loader.text(file));
  const text = helm.render({
    ...place,
    name,
    releaseName: chart.releaseName ?? "",
    nameTemplate: chart.nameTemplate ?? "",
    namespace: chart.namespace ?? "",
    values: [...values, ...more],
    includeCrds: chart.includeCRDs ?? false,
    skipHooks: chart.skipHooks ?? false,
    skipTests: chart.skipTests ?? false,
    apiVersions: chart.apiVersions ?? helm.apiVersions ?? [],
    kubeVersion: (chart.kubeVersion || helm.kubeVersion) ?? "",
  });
  const trees = readResources(text, `${path} (rendered)`);
  return trees.map((tree) => new Resource(tree, context.openApi.isClusterScoped, { ...nothingCarried, helm: true }));
}

interface ValuesPlace {
  loader: Loader;
  openApi: OpenApi;
  path: string;
  pulled: PulledChart | undefined;
}

/** The values file that replaces the chart's own, with valuesInline merged as valuesMerge says. */
function chartValues(chart: Partial<HelmChartSettings>, place: ValuesPlace): string[] {
  const inline = chart.valuesInline ?? new Map<string, JsonValue>();
  const mode = chart.valuesMerge || "override";
  const file = chart.valuesFile || place.path;
  const text = place.pulled && !chart.valuesFile ? pulledValues(place.pulled) : loadValues(place.loader, file);
  if (inline.size === 0) return text === "" ? [] : [text];
  const own: JsonObject = {};
  for (const [key, value] of inline) setOwn(own, key, value);
  if (mode === "replace") return [toYaml(own)];
  const base: Tree = readDocuments(text, file)[0] ?? new MapNode();
  const changes = new Map();
  const [dest, patch] = mode === "override" ? [cloneTree(base), treeOf(own)] : [treeOf(own), cloneTree(base)];
  const merged = mergePatch(dest, patch, { openApi: place.openApi, changes, appendLists: true });
  return [toYaml(jsonOf(merged ?? new MapNode(), file))];
}

function pulledValues({ files, directory }: PulledChart): string {
  const file = `${directory}/values.yaml`;
  return files.kind(file) === "file" ? decodeYamlText(files.read(file), file) : "";
}

function loadValues(loader: Loader, file: string): string {
  try {
    return loader.text(file);
  } catch (error) {
    if (error instanceof NotLoaded) throw error;
    throw locate(error, { file }, "could not load the values file");
  }
}
