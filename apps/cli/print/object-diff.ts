// Two states of an object as lines that a person can read; values of Secrets are never among them.

import { equalJson, isObject, type JsonValue, type Manifest, cleanJson, cleanLine } from "@plumbline/core/model";

/** Only the API server writes these: they say nothing about a change. */
const NOISE = new Set([
  "metadata.managedFields",
  "metadata.resourceVersion",
  "metadata.generation",
  "metadata.uid",
  "metadata.creationTimestamp",
  "status",
]);

/** Of a Secret: its values, and annotations, of which kubectl's holds the values once more. */
const HIDDEN = /^(?:metadata$|(?:data|stringData|metadata\.annotations)(?:[.[]|$))/;

/** True for a field, as `data.password`, whose value is never shown. */
export function isHidden(kind: string, path: string): boolean {
  return kind === "Secret" && HIDDEN.test(path);
}

/** `+ path: value` for what is new, `- path: value` for what goes, `± path: old → new`. */
export function diffLines(before: Manifest, after: Manifest): string[] {
  const lines: string[] = [];
  const isSecret = after.kind === "Secret" || before.kind === "Secret";
  compare(before, after, "", { lines, isSecret });
  return lines.map(cleanLine);
}

interface Output {
  lines: string[];
  isSecret: boolean;
}

function compare(before: JsonValue | undefined, after: JsonValue | undefined, path: string, output: Output): void {
  if (NOISE.has(path) || equalJson(before, after)) return;
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(before[key], after[key], path === "" ? key : `${path}.${key}`, output);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++)
      compare(before[i], after[i], `${path}[${i}]`, output);
  } else {
    output.lines.push(line(before, after, path, output.isSecret && HIDDEN.test(path)));
  }
}

function line(before: JsonValue | undefined, after: JsonValue | undefined, path: string, isMasked: boolean): string {
  const show = (value: JsonValue): string => (isMasked ? "***" : cleanJson(JSON.stringify(value)));
  if (before === undefined && after !== undefined) return `+ ${path}: ${show(after)}`;
  if (after === undefined && before !== undefined) return `- ${path}: ${show(before)}`;
  return `± ${path}: ${show(before ?? null)} → ${isMasked ? "*** (changed)" : show(after ?? null)}`;
}
