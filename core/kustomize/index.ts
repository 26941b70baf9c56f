// kustomize v5.8.1 in TypeScript: `build(files, path, options) -> { resources, yaml, reads }`.

export { type BuildOptions, type BuildResult, build } from "./build.ts";
export { type BuildCache, createBuildCache } from "./cache.ts";
export {
  type ChartSource,
  type HelmOptions,
  type HelmRequest,
  type PulledChart,
  type RenderChart,
} from "./helm-charts.ts";
export { type LoadRestrictions, type RemoteRoot, type RemoteSources } from "./loader.ts";
export {
  type Kustomization,
  type KustomizationFields,
  type ParsedKustomization,
  parseKustomization,
} from "./kustomization.ts";
export { type Target, compileTarget } from "./selector.ts";
export { type RepoUrl, parseRepoUrl } from "./repo-url.ts";
export { KUSTOMIZATION_FILES } from "./load-kustomization.ts";
export { type BuiltObject, outputFiles } from "./output-files.ts";
