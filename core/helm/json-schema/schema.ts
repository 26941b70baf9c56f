// A schema that is ready to judge values.

import type { JsonValue } from "@plumbline/core/model";
import type { GoRegexp } from "@plumbline/core/template";
import type { Draft } from "./draft.ts";
import type { Format } from "./formats.ts";

// Most schemas say little: what they do not say is shared.
const noSchemas: ReadonlyMap<string, never> = new Map<string, never>();
const noTypes: ReadonlySet<string> = new Set<string>();
const none: readonly never[] = [];

/** Says nothing until the compiler fills it. */
export class Schema {
  readonly draft: Draft;
  /** Where it stands, as messages have it. */
  readonly address: () => string;
  /** The schema with an address around it; itself where it has one. */
  resource: Schema;
  dynamicAnchors: ReadonlyMap<string, Schema> = noSchemas;
  /** Set where a schema takes everything or nothing. */
  always: boolean | undefined;
  /** True where nothing but `types` can refuse a value. */
  isTypeOnly = false;
  ref: Schema | undefined;
  recursiveRef: Schema | undefined;
  recursiveAnchor = false;
  dynamicRef: { schema: Schema; anchor: string } | undefined;
  dynamicAnchor = "";
  types: ReadonlySet<string> = noTypes;
  const: JsonValue | undefined;
  enum: readonly JsonValue[] | undefined;
  format: Format | undefined;
  not: Schema | undefined;
  allOf: readonly Schema[] = none;
  anyOf: readonly Schema[] = none;
  oneOf: readonly Schema[] = none;
  if: Schema | undefined;
  ifTrue: Schema | undefined;
  ifFalse: Schema | undefined;
  properties: ReadonlyMap<string, Schema> = noSchemas;
  patterns: readonly { regexp: GoRegexp; schema: Schema }[] = none;
  additionalProperties: boolean | Schema | undefined;
  propertyNames: Schema | undefined;
  required: readonly string[] = none;
  dependencies: readonly [name: string, needs: readonly string[] | Schema][] = none;
  dependentSchemas: readonly [name: string, schema: Schema][] = none;
  dependentRequired: readonly [name: string, needs: readonly string[]][] = none;
  unevaluatedProperties: Schema | undefined;
  /** Schemas of the first items; `items` is for those after them. */
  tuple: readonly Schema[] = none;
  items: boolean | Schema | undefined;
  contains: Schema | undefined;
  unevaluatedItems: Schema | undefined;
  uniqueItems = false;
  pattern: GoRegexp | undefined;
  minLength: number | undefined;
  maxLength: number | undefined;
  minItems: number | undefined;
  maxItems: number | undefined;
  minContains: number | undefined;
  maxContains: number | undefined;
  minProperties: number | undefined;
  maxProperties: number | undefined;
  minimum: number | bigint | undefined;
  maximum: number | bigint | undefined;
  exclusiveMinimum: number | bigint | undefined;
  exclusiveMaximum: number | bigint | undefined;
  multipleOf: number | bigint | undefined;

  constructor(draft: Draft, address: () => string) {
    this.draft = draft;
    this.address = address;
    this.resource = this;
  }
}
