// What the API server would say of a window's spec, beside what the operator says of it: misspelt fields, long texts.

import { checkValue, type Schema } from "@plumbline/core/crd";
import { Failure, isObject, type JsonValue, own } from "@plumbline/core/model";

/** Mistakes at fields that are not in `known` already. */
export function schemaMistakes(
  schema: Schema,
  spec: JsonValue,
  place: { object: string; known: readonly Failure[] },
): Failure[] {
  const { object, known } = place;
  const told = new Set(known.map(({ where }) => where?.field));
  const { problems } = checkValue(schema, spec, "spec");
  const found = [...problems, ...unknownFields(schema, spec, "spec")].filter(({ field }) => !told.has(field));
  return found.map(
    ({ field, message, hint }: Found) =>
      new Failure({
        reason: "InvalidSpec",
        message,
        where: { object, field },
        retry: "never",
        ...(hint !== undefined && { hint }),
      }),
  );
}

interface Found {
  field: string;
  message: string;
  hint?: string;
}

/** Fields that the schema does not have: the API server drops them, or refuses the object when it is strict. */
function unknownFields(schema: Schema, value: JsonValue, field: string): Found[] {
  const { items, properties } = schema;
  if (Array.isArray(value)) {
    return items ? value.flatMap((item, i) => unknownFields(items, item, `${field}[${i}]`)) : [];
  }
  if (!isObject(value) || !properties) return [];
  return Object.keys(value).flatMap((key) => {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const at = `${field}.${key}`;
    if (property) return unknownFields(property, own(value, key) ?? null, at);
    return [{ field: at, message: "is no known field", hint: `Use ${Object.keys(properties).join(", ")}.` }];
  });
}
