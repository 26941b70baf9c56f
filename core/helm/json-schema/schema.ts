// A schema that is ready to judge values.

import type { JsonValue } from "@plumbline/core/model";
import type { GoRegexp } from "@plumbline/core/template";
import type { Draft } from "./draft.ts";
import type { Format } from "./formats.ts";

/** Says nothing until the compiler fills it. */
export class Schema {
  readonly draft: Draft;
  /** Where it stands, as messages have it. */
  readonly address: () => string;
  /** The schema with an address around it; itself where it has one. */
  resource: Schema;
  readonly dynamicAnchors = new Map<string, Schema>();
  /** Set where a schema takes everything or nothing. */
  always: boolean | undefined;
  /** True where nothing but `types` can refuse a value. */
  isTypeOnly = false;
  ref: Schema | undefined;
  recursiveRef: Schema | undefined;
  recursiveAnchor = false;
  dynamicRef: { schema: Schema; anchor: string } | undefined;
  dynamicAnchor = "";
  types: ReadonlySet<string> = new Set();
  const: JsonValue | undefined;
  enum: readonly JsonValue[] | undefined;
  format: Format | undefined;
  not: Schema | undefined;
  allOf: readonly Schema[] = [];
  anyOf: readonly Schema[] = [];
  oneOf: readonly Schema[] = [];
  if: Schema | undefined;
  ifTrue: Schema | undefined;
  ifFalse: Schema | undefined;
  properties: ReadonlyMap<string, Schema> = new Map();
  patterns: readonly { regexp: GoRegexp; schema: Schema }[] = [];
  additionalProperties: boolean | Schema | undefined;
  propertyNames: Schema | undefined;
  required: readonly string[] = [];
  dependencies: [name: string, needs: readonly string[] | Schema][] = [];
  dependentSchemas: [name: string, schema: Schema][] = [];
  dependentRequired: [name: string, needs: readonly string[]][] = [];
  unevaluatedProperties: Schema | undefined;
  /** Schemas of the first items; `items` is for those after them. */
  tuple: readonly Schema[] = [];
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
