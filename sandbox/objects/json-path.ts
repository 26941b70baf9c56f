// The JSON paths of printer columns: `.spec.x`, `.metadata.labels['a.b']`, `.status.conditions[?(@.type=="Ready")].status`.

import { isObject, type JsonValue, own } from "@plumbline/core/model";

type Step = { key: string } | { index: number } | { every: true } | { where: { key: string[]; equals: string } };

const parsed = new Map<string, Step[] | undefined>();
const maxParsed = 500;

/** The first value at the path; undefined when there is none or the path is of another form. */
export function readJsonPath(value: JsonValue, path: string): JsonValue | undefined {
  if (parsed.size > maxParsed) parsed.clear();
  if (!parsed.has(path)) parsed.set(path, parse(path));
  const steps = parsed.get(path);
  if (!steps) return undefined;
  let found: JsonValue[] = [value];
  for (const step of steps) found = found.flatMap((at) => take(at, step));
  return found[0];
}

const pattern =
  /\.([A-Za-z0-9_$-]+(?:\\\.[A-Za-z0-9_$/-]+)*)|\['([^']+)'\]|\["([^"]+)"\]|\[(-?\d+)\]|\[\*\]|\[\?\(@\.([A-Za-z0-9_.-]+)\s*==\s*["']([^"']*)["']\)\]/y;

function parse(path: string): Step[] | undefined {
  const steps: Step[] = [];
  const text = path.replace(/^\$/, "").replace(/^\{(.*)\}$/, "$1");
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) return undefined;
    const [whole, key, single, double, index, whereKey, equals] = match;
    const name = key ?? single ?? double;
    if (name !== undefined) steps.push({ key: name.replaceAll("\\.", ".") });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else if (whole === "[*]") steps.push({ every: true });
    else steps.push({ where: { key: (whereKey ?? "").split("."), equals: equals ?? "" } });
  }
  return steps;
}

function take(value: JsonValue, step: Step): JsonValue[] {
  if ("key" in step) {
    const found = isObject(value) ? own(value, step.key) : undefined;
    return found === undefined ? [] : [found];
  }
  if (!Array.isArray(value)) return [];
  if ("every" in step) return value;
  if ("index" in step) {
    const found = value.at(step.index);
    return found === undefined ? [] : [found];
  }
  return value.filter((item) => {
    let at: JsonValue | undefined = item;
    for (const key of step.where.key) at = isObject(at) ? own(at, key) : undefined;
    return at === step.where.equals;
  });
}
