// Facts of a resource: how a kind is addressed and what may be done with it.

import type { Gvk } from "@plumbline/core/model";

export interface SubresourceFacts {
  /** `status`, `scale` and so on. */
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly typeName: string;
}

export interface ResourceFacts extends Gvk {
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Name of the built-in type; empty for a kind of a CRD. */
  readonly typeName: string;
  readonly subresources: readonly SubresourceFacts[];
}
