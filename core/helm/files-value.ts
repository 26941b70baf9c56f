// .Files: the chart's other files, with Helm's methods.

import {
  bytesType,
  type Callable,
  type CallContext,
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

/** The map of a chart's files: names to bytes, which are read when a template asks for them. */
export function filesValue(files: readonly ChartFile[]): GoMap {
  const entries = new Map<string, Value>();
  for (const file of files) entries.set(file.name, new GoBytes(() => file.data));
  return new GoMap(entries, filesType);
}

const entriesOf = (value: Value): Map<string, Value> => (value as GoMap).entries; // the receiver is of this type

function bytesAt(value: Value, name: Value): Uint8Array {
  const found = entriesOf(value).get(show(name));
  return found instanceof GoBytes ? found.bytes : new Uint8Array();
}

function method(
  name: string,
  result: GoType,
  body: (files: Value, argument: Value, context: CallContext) => Value,
  hasArgument = true,
): void {
  methods.set(name, {
    parameters: hasArgument ? [stringType] : [],
    result,
    call: ([files, argument], context) => body(files, argument, context),
  });
}

method("Get", stringType, (files, name, context) => decodeText(spent(context, bytesAt(files, name))));
method("GetBytes", bytesType, (files, name) => new GoBytes(bytesAt(files, name)));
method("Lines", stringSliceType, (files, name, context) => lines(spent(context, bytesAt(files, name))));
method("Glob", filesType, (files, pattern, context) => globbed(files, show(pattern), context));
method("AsConfig", stringType, (files, _, context) => byBaseName(files, decodeText, context), false);
method("AsSecrets", stringType, (files, _, context) => byBaseName(files, encodeBase64, context), false);

/** Text made of bytes is new each time: it counts. */
function spent(context: CallContext, bytes: Uint8Array): Uint8Array {
  context.reserve(bytes.length);
  return bytes;
}

function lines(bytes: Uint8Array): GoSlice {
  if (bytes.length === 0) return new GoSlice([], stringSliceType);
  const text = decodeText(bytes);
  return new GoSlice((text.endsWith("\n") ? text.slice(0, -1) : text).split("\n"), stringSliceType);
}

function globbed(files: Value, pattern: string, context: CallContext): GoMap {
  const { matches, weight } = compileGlob(pattern);
  const fitting = [...entriesOf(files)].filter(([name]) => {
    context.spend(1 + ((name.length * weight) >> 6));
    return matches(name);
  });
  return new GoMap(new Map(fitting), filesType);
}

function byBaseName(files: Value, encode: (bytes: Uint8Array) => string, context: CallContext): string {
  const entries = entriesOf(files);
  const named = new Map<string, Value>();
  for (const path of sortedKeys(entries)) {
    const value = entries.get(path);
    if (value instanceof GoBytes) named.set(path.slice(path.lastIndexOf("/") + 1), encode(spent(context, value.bytes)));
  }
  return yamlText(new GoMap(named));
}
