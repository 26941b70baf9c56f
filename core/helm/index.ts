// Helm charts: loading, values, rendering, byte for byte as Helm does it.

export { type Gunzip, readArchive } from "./archive.ts";
export { type Capabilities, defaultCapabilities, parseKubeVersion } from "./capabilities.ts";
export { type Chart, type ChartFile, type Dependency, type Maintainer, type Metadata, chartPath } from "./chart.ts";
export { type HelmEnvironment, type Lookup, helmFunctions } from "./functions.ts";
export { type LoadOptions, loadArchive, loadChart, loadFiles, readValues } from "./load-chart.ts";
export { type Hook, type RenderedManifest, sortManifests, splitManifests } from "./manifests.ts";
export { coalesceValues, mergeMaps } from "./merge-maps.ts";
export { type Release, type RenderOptions, renderTemplates } from "./render.ts";
export {
  type PrintOptions,
  type RenderChartOptions,
  type RenderedChart,
  printChart,
  renderChart,
} from "./render-chart.ts";
export { setFile, setJson, setLiteral, setString, setValue } from "./set-values.ts";
export { type ShowPart, showChart } from "./show-chart.ts";
export { checkReleaseName, nameFromTemplate } from "./release-name.ts";
