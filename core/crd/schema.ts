// The part of OpenAPI v3 that our CRDs use, and the TypeScript type that each schema describes.

import type { JsonValue } from "@plumbline/core/model";

/** A structural schema as `apiextensions.k8s.io/v1` has it, restricted to the keywords that our definitions need. */
export interface Schema {
  readonly description?: string;
  readonly type: "object" | "array" | "string" | "boolean" | "integer";
  readonly format?: "date-time" | "int64";
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly default?: JsonValue;
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string; readonly message: string }[];
}

type RequiredOf<S> = S extends { required: readonly (infer Name)[] } ? Name : never;

type ObjectOf<Properties, Required> = {
  -readonly [Name in keyof Properties as Name extends Required ? Name : never]: FromSchema<Properties[Name]>;
} & {
  -readonly [Name in keyof Properties as Name extends Required ? never : Name]?: FromSchema<Properties[Name]>;
};

/** The type of the values that a schema (written `as const satisfies Schema`) accepts. */
export type FromSchema<S> = S extends { type: "string"; enum: readonly (infer Value)[] }
  ? Value
  : S extends { type: "string" }
    ? string
    : S extends { type: "integer" }
      ? number
      : S extends { type: "boolean" }
        ? boolean
        : S extends { type: "array"; items: infer Items }
          ? FromSchema<Items>[]
          : S extends { type: "object"; properties: infer Properties }
            ? ObjectOf<Properties, RequiredOf<S>>
            : S extends { type: "object"; additionalProperties: infer Values }
              ? Record<string, FromSchema<Values>>
              : Record<string, JsonValue>;
