// .Files: the chart's other files, with Helm's methods.

import {
  bytesType,
  type Callable,
  decodeText,
  encodeBase64,
  GoBytes,
  GoMap,
  GoSlice,
  type GoType,
  show,
  sortedKeys,
  stringSliceType,
  stringType,
  type Value,
} from "@plumbline/core/template";
import type { ChartFile } from "./chart.ts";
import { compileGlob } from "./glob.ts";
import { yamlText } from "./yaml-text.ts";

const methods = new Map<string, Callable>();
const filesType: GoType = { name: "engine.files", kind: "map", elem: bytesType, named: true, methods };

/** The map of a chart's files: names to bytes. */
export function filesValue(files: readonly ChartFile[]): GoMap {
  return new GoMap(new Map(files.map((file): [string, Value] => [file.name, new GoBytes(file.data)])), filesType);
}

const entriesOf = (value: Value): Map<string, Value> => (value as GoMap).entries; // the receiver is of this type

function bytesAt(value: Value, name: Value): Uint8Array {
  const found = entriesOf(value).get(show(name));
  return found instanceof GoBytes ? found.bytes : new Uint8Array();
}

function method(
  name: string,
  result: GoType,
  body: (files: Value, argument: Value) => Value,
  hasArgument = true,
): void {
  methods.set(name, {
    parameters: hasArgument ? [stringType] : [],
    result,
    call: ([files, argument]) => body(files, argument),
  });
}

method("Get", stringType, (files, name) => decodeText(bytesAt(files, name)));
method("GetBytes", bytesType, (files, name) => new GoBytes(bytesAt(files, name)));
method("Lines", stringSliceType, (files, name) => lines(bytesAt(files, name)));
method("Glob", filesType, (files, pattern) => globbed(files, show(pattern)));
method("AsConfig", stringType, (files) => byBaseName(files, decodeText), false);
method("AsSecrets", stringType, (files) => byBaseName(files, encodeBase64), false);

function lines(bytes: Uint8Array): GoSlice {
  if (bytes.length === 0) return new GoSlice([], stringSliceType);
  const text = decodeText(bytes);
  return new GoSlice((text.endsWith("\n") ? text.slice(0, -1) : text).split("\n"), stringSliceType);
}

function globbed(files: Value, pattern: string): GoMap {
  const matches = compileGlob(pattern);
  return new GoMap(new Map([...entriesOf(files)].filter(([name]) => matches(name))), filesType);
}

function byBaseName(files: Value, encode: (bytes: Uint8Array) => string): string {
  const entries = entriesOf(files);
  const named = new Map<string, Value>();
  for (const path of sortedKeys(entries)) {
    const value = entries.get(path);
    if (value instanceof GoBytes) named.set(path.slice(path.lastIndexOf("/") + 1), encode(value.bytes));
  }
  return yamlText(new GoMap(named));
}
