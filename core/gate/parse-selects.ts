// Reads what a window selects; a misspelt field is a mistake, because it would select more than was meant.

import { type ChangeClass, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { mistake } from "./parse-time.ts";
import { changeClasses, type DeliverySelector, type ResourceSelector, type Selects } from "./select.ts";

/** Most selectors of one list. */
export const maxSelectors = 256;

interface Place {
  object: string;
  field: string;
}

function mapping(value: JsonValue, place: Place, known: readonly string[]): JsonObject {
  if (!isObject(value)) throw mistake(place, "is not a mapping", `Give a mapping of ${known.join(", ")}.`);
  const odd = Object.keys(value).find((key) => !known.includes(key));
  if (odd === undefined) return value;
  throw mistake({ ...place, field: `${place.field}.${odd}` }, "is no known field", `Use ${known.join(", ")}.`);
}

function list(value: JsonValue, place: Place): JsonValue[] {
  if (!Array.isArray(value)) throw mistake(place, "is not a list", "Give a list.");
  if (value.length <= maxSelectors) return value;
  throw mistake(place, `has ${value.length} entries, more than ${maxSelectors}`, "Select by labels instead.");
}

function strings(value: JsonObject, place: Place): Record<string, string> {
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      throw mistake({ ...place, field: `${place.field}.${key}` }, "is not a string", "Put the value in quotes.");
    }
  }
  return value as Record<string, string>; // every value was just seen to be a string
}

function selectors(value: JsonValue, place: Place, names: readonly string[]): (DeliverySelector & ResourceSelector)[] {
  return list(value, place).map((entry, i) => {
    const here = { ...place, field: `${place.field}[${i}]` };
    const { labels, ...rest } = mapping(entry, here, [...names, "labels"]);
    const read = strings(rest, here);
    if (labels === undefined) return read;
    const under = { ...here, field: `${here.field}.labels` };
    if (!isObject(labels)) throw mistake(under, "is not a mapping", "Give labels and their values.");
    return { ...read, labels: strings(labels, under) };
  });
}

/** Throws the first mistake as a Failure. */
export function readSelects(value: JsonValue | undefined, object: string): Selects {
  if (value === undefined) return {};
  const place = { object, field: "spec.selects" };
  const at = (key: string): Place => ({ object, field: `spec.selects.${key}` });
  const { deliveries, resources, changes } = mapping(value, place, ["deliveries", "resources", "changes"]);
  return {
    ...(deliveries !== undefined && {
      deliveries: selectors(deliveries, at("deliveries"), ["kind", "name", "namespace"]),
    }),
    ...(resources !== undefined && { resources: selectors(resources, at("resources"), ["group", "kind", "name"]) }),
    ...(changes !== undefined && { changes: readClasses(changes, at("changes")) }),
  };
}

function readClasses(value: JsonValue, place: Place): ChangeClass[] {
  return list(value, place).map((entry, i) => {
    const found = changeClasses.find((known) => known === entry);
    if (found) return found;
    const where = { ...place, field: `${place.field}[${i}]` };
    throw mistake(where, "is no class of changes", `Use ${changeClasses.join(", ")}.`);
  });
}
