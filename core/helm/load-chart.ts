// Loads charts: from a folder of a FileTree, from an archive, or from files in memory.

import {
  baseName,
  dirName,
  type EntryKind,
  Failure,
  type FileTree,
  joinPath,
  type JsonValue,
} from "@plumbline/core/model";
import { decodeText, GoMap, GoSlice, type Value } from "@plumbline/core/template";
import { parseYaml } from "@plumbline/core/yaml";
import { readArchive, type Gunzip } from "./archive.ts";
import { type Chart, type ChartFile, emptyMap, type Metadata, renamed, setDependencies } from "./chart.ts";
import { chartInvalid, messageOf } from "./failure.ts";
import { ignoreRules, type IgnoreRules } from "./ignore-rules.ts";
import { readMetadata, validateMetadata } from "./metadata.ts";
import { mergeMaps } from "./merge-maps.ts";
import { yamlValue } from "./plain-yaml.ts";

/** Bytes that may be read of a chart in all; Helm counts those too that nothing asks for. */
export const maxChartBytes = 100 * 1024 * 1024;
/** Links that lead to links. */
const maxLinkDepth = 32;
/** Charts inside charts. */
const maxChartDepth = 50;

export interface LoadOptions {
  /** Unpacks archives in charts/; without it they are refused. */
  gunzip?: Gunzip;
  /** For a tree that is a whole disk: links may be absolute. Elsewhere they lead out of the source and are refused. */
  absoluteLinks?: boolean;
}

/** The chart in a folder of the tree ("" is its root). Throws `ChartInvalid` with Helm's words. */
export function loadChart(tree: FileTree, folder = "", options: LoadOptions = {}): Chart {
  return loadFiles(folderFiles(tree, folder, options.absoluteLinks ?? false), options);
}

/** The chart in a .tgz. */
export function loadArchive(bytes: Uint8Array, gunzip: Gunzip): Chart {
  return loadFiles(readArchive(bytes, gunzip), { gunzip });
}

/** Every file below the folder that .helmignore does not leave out; links are followed within the tree. */
export function folderFiles(tree: FileTree, folder: string, absoluteLinks = false): ChartFile[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  const ignoreFile = `${prefix}.helmignore`;
  const text = tree.kind(ignoreFile) === "file" ? decodeText(tree.read(ignoreFile)) : undefined;
  const walk: Walk = { tree, rules: ignoreRules(text), files: [], left: maxChartBytes, absoluteLinks };
  walkFolder(walk, { at: folder, name: "", links: 0 });
  return walk.files;
}

interface Walk {
  tree: FileTree;
  rules: IgnoreRules;
  files: ChartFile[];
  left: number;
  absoluteLinks: boolean;
}

interface Place {
  /** Path in the tree. */
  at: string;
  /** Path in the chart. */
  name: string;
  links: number;
  /** Path in the tree of the link that led here. */
  link?: string;
}

function walkFolder(walk: Walk, { at, name, links }: Place): void {
  for (const entry of walk.tree.list(at)) {
    const place = {
      at: at === "" ? entry.name : `${at}/${entry.name}`,
      name: name === "" ? entry.name : `${name}/${entry.name}`,
      links,
    };
    walkEntry(walk, place, entry.kind);
  }
}

function walkEntry(walk: Walk, place: Place, kind: EntryKind | undefined): void {
  const { tree, rules } = walk;
  if (kind === "symlink") {
    const target = followLink(walk, place);
    walkEntry(walk, target, tree.kind(target.at));
  } else if (kind === "directory" || kind === "submodule") {
    if (!rules(place.name, true)) walkFolder(walk, place);
  } else if (kind === "file") {
    if (!rules(place.name, false)) addFile(walk, place);
  } else {
    const root = walk.absoluteLinks ? "/" : "";
    const link = walk.absoluteLinks ? `/${place.link ?? place.at}` : place.name;
    throw chartInvalid(
      `error evaluating symlink ${link}: lstat ${root}${place.at}: no such file or directory`,
      place.name,
    );
  }
}

function followLink({ tree, absoluteLinks }: Walk, { at, name, links, link = at }: Place): Place {
  const target = decodeText(tree.read(at));
  const resolved = resolveLink(target, at, absoluteLinks);
  if (links >= maxLinkDepth) throw chartInvalid(`error evaluating symlink ${name}: too many links`, name);
  if (resolved === undefined) throw chartInvalid(`error evaluating symlink ${name}: it leads out of the source`, name);
  return { at: resolved, name, links: links + 1, link };
}

function resolveLink(target: string, at: string, absoluteLinks: boolean): string | undefined {
  if (target.startsWith("/")) return absoluteLinks ? joinPath("", target) : undefined;
  return joinPath(dirName(at), target);
}

function addFile(walk: Walk, { at, name }: Place): void {
  let read: Uint8Array | undefined;
  walk.files.push({
    name,
    get data() {
      return (read ??= readOnce(walk, at, name));
    },
  });
}

function readOnce(walk: Walk, at: string, name: string): Uint8Array {
  const data = withoutBom(walk.tree.read(at));
  walk.left -= data.length;
  if (walk.left < 0) throw chartInvalid(`chart is larger than the maximum size ${maxChartBytes}`, name);
  return data;
}

/** The bytes without a leading UTF-8 byte order mark. */
export function withoutBom(data: Uint8Array): Uint8Array {
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
}

/** The chart that these files make, with the subcharts in charts/. */
export function loadFiles(files: readonly ChartFile[], options: LoadOptions = {}, depth = 0): Chart {
  if (depth > maxChartDepth) throw chartInvalid(`charts nest deeper than ${maxChartDepth}`);
  let metadata: Metadata | undefined;
  for (const file of files) {
    if (file.name === "Chart.yaml") metadata = chartYaml(file, metadata);
  }
  const chart: Omit<Chart, "metadata"> = {
    templates: [],
    files: [],
    raw: [...files],
    values: emptyMap(),
    schema: undefined,
    dependencies: [],
    parent: undefined,
  };
  const subcharts = new Map<string, ChartFile[]>();
  for (const file of files) metadata = sortFile(file, { chart, metadata, subcharts });
  if (!metadata) throw chartInvalid("Chart.yaml file is missing", "Chart.yaml");
  const whole: Chart = { ...chart, metadata: validateMetadata(metadata) };
  setDependencies(whole, loadSubcharts(whole, subcharts, { options, depth }));
  return whole;
}

function chartYaml(file: ChartFile, known: Metadata | undefined): Metadata {
  const metadata = within("cannot load Chart.yaml", file.name, () => readMetadata(yamlOf(file), known));
  return metadata.apiVersion === "" ? { ...metadata, apiVersion: "v1" } : metadata;
}

function yamlOf(file: ChartFile): JsonValue {
  return parseYaml(decodeText(file.data));
}

/** Adds where something failed to what failed, in Helm's form. */
function within<T>(context: string, file: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const message =
      thrown.reason === "YamlInvalid" ? `error converting YAML to JSON: ${thrown.message}` : thrown.message;
    throw chartInvalid(`${context}: ${message}`, file, thrown);
  }
}

interface Sorting {
  chart: Omit<Chart, "metadata">;
  metadata: Metadata | undefined;
  subcharts: Map<string, ChartFile[]>;
}

function sortFile(file: ChartFile, { chart, metadata, subcharts }: Sorting): Metadata | undefined {
  const { name } = file;
  if (name === "Chart.yaml") return metadata;
  if (name === "values.yaml")
    chart.values = within("cannot load values.yaml", name, () => readValues(decodeText(file.data)));
  else if (name === "values.schema.json") chart.schema = file.data;
  else if (name === "requirements.yaml") return requirements(file, chart, metadata);
  else if (name === "Chart.lock" || name === "requirements.lock") return lockFile(file, chart, metadata);
  else if (name.startsWith("templates/")) chart.templates.push(file);
  else if (name.startsWith("charts/") && !name.endsWith(".prov")) addSubchartFile(file, subcharts);
  else chart.files.push(file);
  return metadata;
}

function requirements(file: ChartFile, chart: Omit<Chart, "metadata">, known: Metadata | undefined): Metadata {
  const metadata = within("cannot load requirements.yaml", file.name, () => readMetadata(yamlOf(file), known));
  if (metadata.apiVersion === "v1") chart.files.push(file);
  return metadata;
}

function lockFile(
  file: ChartFile,
  chart: Omit<Chart, "metadata">,
  metadata: Metadata | undefined,
): Metadata | undefined {
  within(`cannot load ${file.name}`, file.name, () => yamlOf(file));
  if (file.name === "requirements.lock" && metadata?.apiVersion === "v1") chart.files.push(file);
  return metadata;
}

function addSubchartFile(file: ChartFile, subcharts: Map<string, ChartFile[]>): void {
  const name = file.name.slice("charts/".length);
  const first = name.split("/", 1)[0] ?? "";
  const known = subcharts.get(first) ?? [];
  known.push(renamed(file, name));
  subcharts.set(first, known);
}

function loadSubcharts(
  parent: Chart,
  subcharts: Map<string, ChartFile[]>,
  { options, depth }: { options: LoadOptions; depth: number },
): Chart[] {
  const charts: Chart[] = [];
  for (const [name, files] of subcharts) {
    if (/^[_.]/.test(name)) continue;
    const context = `error unpacking subchart ${name} in ${parent.metadata.name}`;
    charts.push(within(context, `charts/${name}`, () => loadSubchart(parent, { name, files, options, depth })));
  }
  return charts;
}

interface Subchart {
  name: string;
  files: ChartFile[];
  options: LoadOptions;
  depth: number;
}

function loadSubchart(parent: Chart, { name, files, options, depth }: Subchart): Chart {
  if (!name.endsWith(".tgz")) {
    const inside = files.filter((file) => file.name.includes("/"));
    const relative = inside.map((file) => renamed(file, file.name.slice(name.length + 1)));
    return loadFiles(relative, options, depth + 1);
  }
  const [archive] = files;
  if (!archive || archive.name !== name) {
    throw chartInvalid(
      `error unpacking subchart tar in ${parent.metadata.name}: expected ${name}, got ${archive?.name ?? ""}`,
    );
  }
  if (!options.gunzip) throw chartInvalid(`${baseName(name)} is an archive, and nothing was given to unpack it`);
  return loadFiles(readArchive(archive.data, options.gunzip), options, depth + 1);
}

/** A values file: the documents of a stream, each merged over those before it. Throws `ValuesInvalid`. */
export function readValues(text: string): GoMap {
  let values: GoMap | undefined;
  for (const part of splitDocuments(text.endsWith("\n") || text === "" ? text : `${text}\n`)) {
    const value = readDocument(part);
    if (value === null || value === undefined) continue;
    if (!(value instanceof GoMap)) {
      throw chartInvalid(
        `cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKindOf(value)} into Go value of type map[string]interface {}`,
      );
    }
    values = values ? mergeMaps(values, value) : value;
  }
  return values ?? emptyMap();
}

function jsonKindOf(value: Value): string {
  if (value instanceof GoSlice) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function readDocument(text: string): Value {
  try {
    return yamlValue(text);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    throw chartInvalid(
      `cannot unmarshal yaml document: error converting YAML to JSON: ${messageOf(thrown)}`,
      undefined,
      thrown,
    );
  }
}

/** The YAML reader of k8s.io/apimachinery: a line `---` ends a document. */
function splitDocuments(text: string): string[] {
  if (!/^---/m.test(text)) return text === "" ? [] : [text];
  const documents: string[] = [];
  let current = "";
  for (const line of text.split(/(?<=\n)/)) {
    if (/^---\s*$/.test(line)) {
      if (current !== "") documents.push(current);
      current = "";
    } else current += line;
  }
  if (current !== "") documents.push(current);
  return documents;
}
