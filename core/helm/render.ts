// Renders a chart: values for every chart, all templates in one set, files in Helm's order, Helm's error texts.

import { Failure } from "@plumbline/core/model";
import {
  anyType,
  type Callable,
  compareStrings,
  compile,
  decodeText,
  type FunctionTable,
  type GoType,
  GoMap,
  GoSlice,
  goMap,
  int,
  limitExceeded,
  type Limits,
  mapType,
  noWork,
  show,
  stringMapType,
  stringType,
  type Template,
  TemplateSet,
  type Value,
  type Work,
} from "@plumbline/core/template";
import { type Capabilities, capabilitiesValue, defaultCapabilities } from "./capabilities.ts";
import { codeLength, maxChartCode } from "./code-length.ts";
import { type Chart, chartPath, emptyMap, isLibrary, type Metadata } from "./chart.ts";
import { valuesInvalid } from "./failure.ts";
import { filesValue } from "./files-value.ts";
import { setName } from "./functions.ts";
import { execFailure, parseFailure } from "./render-errors.ts";
import { yamlText } from "./yaml-text.ts";

/** `.Release`. */
export interface Release {
  name: string;
  namespace: string;
  revision?: number;
  isUpgrade?: boolean;
}

const valuesMethods = new Map<string, Callable>();
const valuesType: GoType = { name: "common.Values", kind: "map", elem: anyType, named: true, methods: valuesMethods };

valuesMethods.set("AsMap", { parameters: [], result: mapType, call: ([map]) => plain(map) });
valuesMethods.set("YAML", { parameters: [], result: stringType, call: ([map]) => `${yamlText(map)}\n` });
valuesMethods.set("Table", {
  parameters: [stringType],
  result: valuesType,
  call: ([map, path]) => tableAt(map as GoMap, show(path)), // the receiver is of this type
});

const plain = (map: Value): GoMap =>
  map instanceof GoMap && map.entries.size > 0 ? new GoMap(map.entries) : emptyMap();
const asValues = (map: GoMap): GoMap => new GoMap(map.entries, valuesType);

function tableAt(map: GoMap, path: string): GoMap {
  let at = map;
  for (const name of path.split(".")) {
    const next = at.entries.get(name);
    if (!(next instanceof GoMap)) throw valuesInvalid(`${JSON.stringify(name)} is not a table`);
    at = next;
  }
  return asValues(at);
}

export interface RenderOptions {
  functions: FunctionTable;
  capabilities?: Capabilities;
  limits?: Partial<Limits>;
}

/**
 * The output of every template that is not a partial, by its path (`chart/templates/x.yaml`), NOTES.txt included.
 * `values` are complete: see `coalesceValues`. Throws `TemplateFailed` with Helm's words, or `LimitExceeded`.
 */
export function renderTemplates(
  chart: Chart,
  values: GoMap,
  release: Release,
  options: RenderOptions,
): Map<string, string> {
  const top = goMap({
    Values: asValues(values),
    Release: goMap({
      Name: release.name,
      Namespace: release.namespace,
      IsUpgrade: release.isUpgrade ?? false,
      IsInstall: !(release.isUpgrade ?? false),
      Revision: int(release.revision ?? 1),
      Service: "Helm",
    }),
    Capabilities: capabilitiesValue(options.capabilities ?? defaultCapabilities),
  });
  const templates = new Map<string, Renderable>();
  collect(chart, templates, top);
  const names = [...templates.keys()].sort(byDepth);
  const limits = options.limits && { limits: options.limits };
  const set = new TemplateSet(setName, options.functions, { missingKey: "zero", ...limits });
  let code = 0;
  for (const name of names) {
    const compiled = parsed(name, templates.get(name)?.source ?? new Uint8Array(), options.functions);
    code += compiled.code;
    if (code > maxChartCode) throw limitExceeded(`the templates have more than ${maxChartCode} characters of code`);
    set.add(compiled.template);
  }
  const rendered = new Map<string, string>();
  const work = noWork(); // a chart of many templates may do no more than a chart of one
  for (const name of names) {
    const template = templates.get(name);
    if (!template || name.slice(name.lastIndexOf("/") + 1).startsWith("_")) continue;
    rendered.set(name, execute({ set, work }, name, template));
  }
  return rendered;
}

interface Renderable {
  source: Uint8Array;
  values: GoMap;
  basePath: string;
}

function execute({ set, work }: { set: TemplateSet; work: Work }, name: string, template: Renderable): string {
  const { values, basePath } = template;
  values.entries.set("Template", asValues(goMap({ Name: name, BasePath: basePath })));
  try {
    const text = set.execute(name, values, work);
    return text.includes("<no value>") ? text.replaceAll("<no value>", "") : text;
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.reason !== "TemplateFailed") throw thrown;
    throw execFailure(name, thrown);
  }
}

interface Compiled {
  text: string;
  code: number;
  template: Template;
}

/**
 * Code of sources whose compiled form is kept per table of functions: charts are rendered again and again. What was
 * not asked for while this much was added is dropped, so that up to twice as much is there, some 65 bytes for each.
 */
const maxKeptCode = 1_000_000;
interface Kept {
  recent: Map<string, Compiled>;
  earlier: Map<string, Compiled>;
  /** Code of the recent ones. */
  code: number;
}
const kept = new WeakMap<FunctionTable, Kept>();

function keep(cache: Kept, name: string, compiled: Compiled): Compiled {
  if (cache.code > maxKeptCode) {
    cache.earlier = cache.recent;
    cache.recent = new Map();
    cache.code = 0;
  }
  cache.recent.set(name, compiled);
  cache.code += compiled.code;
  return compiled;
}

function parsed(name: string, source: Uint8Array, functions: FunctionTable): Compiled {
  let cache = kept.get(functions);
  if (!cache) kept.set(functions, (cache = { recent: new Map(), earlier: new Map(), code: 0 }));
  const text = decodeText(source);
  const recent = cache.recent.get(name);
  if (recent?.text === text) return recent;
  const earlier = cache.earlier.get(name);
  if (earlier?.text === text) return keep(cache, name, earlier);
  try {
    const code = codeLength(text);
    if (code > maxChartCode) throw limitExceeded(`a template has more than ${maxChartCode} characters of code`);
    return keep(cache, name, { text, code, template: compile(text, { name, functions }) });
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.reason !== "TemplateFailed") throw thrown;
    throw parseFailure(name, thrown);
  }
}

/** Deeper paths first, names backwards: later definitions of the same template win, so parents win over subcharts. */
function byDepth(a: string, b: string): number {
  const depth = b.split("/").length - a.split("/").length;
  return depth === 0 ? compareStrings(b, a) : depth;
}

function collect(chart: Chart, templates: Map<string, Renderable>, parent: GoMap): GoMap {
  const subcharts = emptyMap();
  const next = goMap({
    Chart: metadataValue(chart),
    Files: filesValue(chart.files),
    Release: parent.entries.get("Release") ?? null,
    Capabilities: parent.entries.get("Capabilities") ?? null,
    Values: ownValues(chart, parent),
    Subcharts: subcharts,
  });
  for (const child of chart.dependencies) subcharts.entries.set(child.metadata.name, collect(child, templates, next));
  const path = chartPath(chart);
  for (const { name, data } of chart.templates) {
    if (isLibrary(chart) && !name.slice(name.lastIndexOf("/") + 1).startsWith("_")) continue;
    templates.set(`${path}/${name}`, { source: data, values: asValues(next), basePath: `${path}/templates` });
  }
  return next;
}

function ownValues(chart: Chart, parent: GoMap): GoMap {
  const above = parent.entries.get("Values");
  if (!(above instanceof GoMap)) return asValues(emptyMap());
  if (!chart.parent) return above;
  const own = above.entries.get(chart.metadata.name);
  return own instanceof GoMap ? asValues(own) : asValues(emptyMap());
}

function metadataValue(chart: Chart): GoMap {
  const { metadata } = chart;
  return goMap({
    Name: metadata.name,
    Home: metadata.home,
    Sources: new GoSlice(metadata.sources),
    Version: metadata.version,
    Description: metadata.description,
    Keywords: new GoSlice(metadata.keywords),
    Maintainers: new GoSlice(
      metadata.maintainers.map(({ name, email, url }) => goMap({ Name: name, Email: email, URL: url })),
    ),
    Icon: metadata.icon,
    APIVersion: metadata.apiVersion,
    Condition: metadata.condition,
    Tags: metadata.tags,
    AppVersion: metadata.appVersion,
    Deprecated: metadata.deprecated,
    Annotations: new GoMap(
      new Map(Object.entries(metadata.annotations ?? {})),
      stringMapType,
      metadata.annotations === undefined,
    ),
    KubeVersion: metadata.kubeVersion,
    Dependencies: new GoSlice((metadata.dependencies ?? []).map(dependencyValue)),
    Type: metadata.type,
    IsRoot: chart.parent === undefined,
  });
}

type DependencyOf = NonNullable<Metadata["dependencies"]>[number];

function dependencyValue(dependency: DependencyOf): GoMap {
  return goMap({
    Name: dependency.name,
    Version: dependency.version,
    Repository: dependency.repository,
    Condition: dependency.condition,
    Tags: new GoSlice(dependency.tags),
    Enabled: dependency.enabled,
    ImportValues: new GoSlice(dependency.importValues),
    Alias: dependency.alias,
  });
}
