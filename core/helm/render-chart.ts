// From a chart and a user's values to manifests, hooks and notes: what `helm install` would send.

import { Failure } from "@plumbline/core/model";
import { decodeText, type GoMap } from "@plumbline/core/template";
import { defaultCapabilities, parseKubeVersion } from "./capabilities.ts";
import { type Chart, crdFiles } from "./chart.ts";
import { isCompatible, processDependencies } from "./dependencies.ts";
import { chartInvalid } from "./failure.ts";
import { type Hook, type RenderedManifest, sortManifests } from "./manifests.ts";
import { coalesceValues } from "./merge-maps.ts";
import { type Release, renderTemplates, type RenderOptions } from "./render.ts";
import { validateSchemas } from "./schema.ts";
import { onlyShown } from "./show-only.ts";

export interface RenderChartOptions extends RenderOptions {
  skipSchemaValidation?: boolean;
  /** Changes the rendered files before they are split into manifests and hooks. */
  postRender?: (files: Map<string, string>) => Map<string, string>;
  /** Notes of subcharts too. */
  subNotes?: boolean;
}

export interface RenderedChart {
  /** In the order of installation. */
  manifests: RenderedManifest[];
  hooks: Hook[];
  /** Contents of crds/, by the name they are printed under. */
  crds: { source: string; content: string }[];
  notes: string;
}

/**
 * Renders a chart with a user's values. The chart is not changed. Throws `ChartInvalid`, `ValuesInvalid`,
 * `TemplateFailed` or `LimitExceeded`, with Helm's words.
 */
export function renderChart(chart: Chart, values: GoMap, release: Release, options: RenderChartOptions): RenderedChart {
  refuseLibrary(chart);
  checkDependencies(chart);
  const own = copyChart(chart, undefined);
  inContext("chart dependencies processing failed: ", () => processDependencies(own, values));
  const all = coalesceValues(own, values, false);
  if (!options.skipSchemaValidation) validateSchemas(own, all);
  checkKubeVersion(own, options);
  const files = renderTemplates(own, all, release, options);
  const notes = takeNotes(own, files, options.subNotes ?? false);
  const final = options.postRender ? options.postRender(files) : files;
  const crds = crdFiles(own).map(({ name, data }) => ({ source: name, content: decodeText(data) }));
  return { ...sortManifests(final), crds, notes };
}

/** Dependencies are processed in place, on a copy of what they change; files and values stay shared. */
function copyChart(chart: Chart, parent: Chart | undefined): Chart {
  const copy: Chart = { ...chart, parent };
  copy.dependencies = chart.dependencies.map((dependency) => copyChart(dependency, copy));
  return copy;
}

function refuseLibrary({ metadata }: Chart): void {
  if (metadata.type !== "" && metadata.type !== "application") {
    throw chartInvalid(`${metadata.type} charts are not installable`, "Chart.yaml");
  }
}

function checkDependencies(chart: Chart): void {
  const present = new Set(chart.dependencies.map((each) => each.metadata.name));
  const missing = (chart.metadata.dependencies ?? []).map((each) => each.name).filter((name) => !present.has(name));
  if (missing.length === 0) return;
  throw chartInvalid(
    "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch " +
      `missing dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(", ")}`,
    "Chart.yaml",
  );
}

function checkKubeVersion({ metadata }: Chart, { capabilities = defaultCapabilities }: RenderOptions): void {
  if (metadata.kubeVersion === "") return;
  const { normalized, version } = parseKubeVersion(capabilities.kubeVersion);
  if (isCompatible(metadata.kubeVersion, normalized)) return;
  throw chartInvalid(
    `chart requires kubeVersion: ${metadata.kubeVersion} which is incompatible with Kubernetes ${version}`,
    "Chart.yaml",
  );
}

const notesName = "NOTES.txt";

/** Takes the notes out of the files. */
function takeNotes(chart: Chart, files: Map<string, string>, withSubcharts: boolean): string {
  const notes: string[] = [];
  for (const [name, text] of files) {
    if (!name.endsWith(notesName)) continue;
    if (withSubcharts || name === `${chart.metadata.name}/templates/${notesName}`) notes.push(text);
    files.delete(name);
  }
  return notes.join("\n");
}

function inContext<T>(prefix: string, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.reason === "LimitExceeded") throw thrown;
    throw chartInvalid(prefix + thrown.message, undefined, thrown);
  }
}

export interface PrintOptions {
  includeCrds?: boolean;
  noHooks?: boolean;
  skipTests?: boolean;
  /** Patterns of files within the chart: `templates/x.yaml`. */
  showOnly?: readonly string[];
}

/** The text that `helm template` prints. Throws `ChartInvalid` for a `showOnly` that fits nothing. */
export function printChart(rendered: RenderedChart, options: PrintOptions = {}): string {
  const block = ({ source, content }: { source: string; content: string }): string =>
    `---\n# Source: ${source}\n${content}\n`;
  const crds = options.includeCrds ? rendered.crds.map(block) : [];
  const main = [...crds, ...rendered.manifests.map(block)].join("");
  const hooks = options.noHooks
    ? []
    : rendered.hooks.filter((hook) => !(options.skipTests && hook.events.includes("test")));
  const text = `${trimmed(main)}\n${hooks.map(block).join("")}`;
  return options.showOnly && options.showOnly.length > 0 ? onlyShown(text, options.showOnly) : text;
}

function trimmed(text: string): string {
  let end = text.length;
  while (end > 0 && /^[\s\u0085]$/.test(text[end - 1] ?? "")) end--;
  return text.slice(0, end).replace(/^[\s\u0085]+/, "");
}
