// Maintenance windows in YAML files: read without a cluster, each mistake with its line.

import { readFileSync } from "node:fs";
import type { CrdDefinition } from "@plumbline/core/crd";
import { asFailure, dig, digString, Failure, formatRef, isObject, type Manifest } from "@plumbline/core/model";
import { DocumentReader, nodeToValue, type YamlNode } from "@plumbline/core/yaml";
import { schemaMistakes } from "./check-spec.ts";
import { type FoundWindow, foundWindow, windowKinds } from "./found-window.ts";

/** The windows of a file, `-` for standard input; other objects are passed over. Throws when it cannot be read. */
export function readWindowFile(path: string): FoundWindow[] {
  const file = path === "-" ? "standard input" : path;
  return windowsIn(file, readText(path, file));
}

function readText(path: string, file: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    const hint = "Give a YAML file with MaintenanceWindow objects, or - for standard input.";
    throw new Failure({ reason: "NotFound", message: `${file}: ${asFailure(error).message}`, hint, cause: error });
  }
}

export function windowsIn(file: string, text: string): FoundWindow[] {
  const reader = new DocumentReader(text, file, "v2");
  const found: FoundWindow[] = [];
  for (let document = reader.next(); document !== undefined; document = reader.next()) {
    const value = nodeToValue(document.root, { flavour: "v2", file, strict: true });
    const definition = isObject(value) ? definitionOf(value) : undefined;
    if (isObject(value) && definition) found.push(fileWindow(value, definition, { root: document.root, file }));
  }
  return found;
}

function definitionOf(manifest: Manifest): CrdDefinition | undefined {
  const [group] = (digString(manifest, "apiVersion") ?? "").split("/");
  return windowKinds.find((known) => known.group === group && known.kind === digString(manifest, "kind"));
}

interface Source {
  root: YamlNode;
  file: string;
}

function fileWindow(manifest: Manifest, definition: CrdDefinition, source: Source): FoundWindow {
  const found = foundWindow(manifest);
  const { identity, failures } = found.window;
  const object = formatRef(identity);
  const mistakes = [
    ...versionMistake(manifest, definition, object),
    ...failures,
    ...schemaMistakes(definition.spec, dig(manifest, "spec") ?? {}, { object, known: failures }),
  ];
  return { ...found, mistakes: mistakes.map((failure) => placed(failure, source)) };
}

function versionMistake(manifest: Manifest, definition: CrdDefinition, object: string): Failure[] {
  const wanted = `${definition.group}/${definition.version}`;
  if (digString(manifest, "apiVersion") === wanted) return [];
  const where = { object, field: "apiVersion" };
  return [new Failure({ reason: "InvalidSpec", message: "is no known version", hint: `Write ${wanted}.`, where })];
}

function placed(failure: Failure, { root, file }: Source): Failure {
  const { reason, message, hint, retry, where } = failure;
  const at = { ...where, file, line: lineOf(root, where?.field ?? "") };
  return new Failure({ reason, message, retry, where: at, ...(hint !== undefined && { hint }) });
}

/** The line of the field, or of the nearest thing above it that is there. */
export function lineOf(root: YamlNode, field: string): number {
  let node = root;
  let { line } = root;
  for (let rest = field; rest !== "";) {
    const step = node.kind === "sequence" ? itemAt(node, rest) : entryAt(node, rest);
    if (!step) return line;
    ({ node, line, rest } = step);
  }
  return line;
}

interface Step {
  node: YamlNode;
  line: number;
  rest: string;
}

function itemAt(list: YamlNode, path: string): Step | undefined {
  const index = /^\[(\d+)\]\.?/.exec(path);
  const node = index ? list.content[Number(index[1])] : undefined;
  return node && index ? { node, line: node.line, rest: path.slice(index[0].length) } : undefined;
}

/** Keys may hold dots: the key that the path goes on with. */
function entryAt(mapping: YamlNode, path: string): Step | undefined {
  if (mapping.kind !== "mapping") return undefined;
  for (let i = 0; i + 1 < mapping.content.length; i += 2) {
    const [key, node] = [mapping.content[i], mapping.content[i + 1]];
    if (!key || !node || !path.startsWith(key.value)) continue;
    const after = path.slice(key.value.length);
    if (after === "" || after.startsWith(".") || after.startsWith("[")) {
      return { node, line: key.line, rest: after.startsWith(".") ? after.slice(1) : after };
    }
  }
  return undefined;
}
