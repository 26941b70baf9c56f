// `helm show`: a chart's metadata, values, readme and custom resource definitions as text.

import type { JsonObject, JsonValue } from "@plumbline/core/model";
import { decodeText, jsonOf } from "@plumbline/core/template";
import { toYaml } from "@plumbline/core/yaml";
import { type Chart, crdFiles, type Dependency, type Metadata } from "./chart.ts";

export type ShowPart = "chart" | "values" | "readme" | "crds" | "all";

const readmeNames = ["readme.md", "readme.txt", "readme"];

/** The text that `helm show <part>` prints. */
export function showChart(chart: Chart, part: ShowPart): string {
  const isAll = part === "all";
  const line = isAll ? "---\n" : "";
  let out = "";
  if (isAll || part === "chart") out += `${toYaml(metadataJson(chart.metadata))}\n`;
  if (isAll || part === "values") {
    out += line;
    for (const file of chart.raw) if (file.name === "values.yaml") out += `${decodeText(file.data)}\n`;
  }
  const readme = chart.files.find((file) => readmeNames.includes(file.name.toLowerCase()));
  if (readme && (isAll || part === "readme")) out += `${line}${decodeText(readme.data)}\n`;
  if (isAll || part === "crds") out += crds(chart);
  return out;
}

function crds(chart: Chart): string {
  return crdFiles(chart)
    .map(({ data }) => decodeText(data))
    .map((text) => `${text.startsWith("---") ? "" : "---\n"}${text}\n`)
    .join("");
}

function metadataJson(metadata: Metadata): JsonObject {
  return withoutEmpty({
    name: metadata.name,
    home: metadata.home,
    sources: metadata.sources,
    version: metadata.version,
    description: metadata.description,
    keywords: metadata.keywords,
    maintainers: metadata.maintainers.map(({ name, email, url }) => withoutEmpty({ name, email, url })),
    icon: metadata.icon,
    apiVersion: metadata.apiVersion,
    condition: metadata.condition,
    tags: metadata.tags,
    appVersion: metadata.appVersion,
    deprecated: metadata.deprecated,
    annotations: metadata.annotations ?? {},
    kubeVersion: metadata.kubeVersion,
    dependencies: (metadata.dependencies ?? []).map(dependencyJson),
    type: metadata.type,
  });
}

function dependencyJson({ name, repository, ...rest }: Dependency): JsonObject {
  const { version, condition, tags, enabled, importValues, alias } = rest;
  const others = withoutEmpty({ version, condition, tags, enabled, "import-values": importValues.map(jsonOf), alias });
  return { name, repository, ...others };
}

function withoutEmpty(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: JsonValue): boolean {
  if (value === "" || value === false || value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
