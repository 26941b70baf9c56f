// spec.ignore, compiled: which fields of which objects are left to others.

import { compileTarget, type Target } from "@plumbline/core/kustomize";
import {
  Failure,
  type Delivery,
  type IgnoreRule,
  type Manifest,
  type ObjectRef,
  asFailure,
  formatRef,
  isObject,
} from "@plumbline/core/model";
import { type Pointer, parsePointer } from "@plumbline/core/plan";

interface CompiledRule {
  target: Target | undefined;
  pointers: Pointer[];
}

export class IgnoreRules {
  readonly #rules: readonly CompiledRule[];

  constructor(rules: readonly CompiledRule[]) {
    this.#rules = rules;
  }

  /** Whether there may be ignored fields in an object of this name; its labels and annotations decide. */
  concerns(ref: ObjectRef): boolean {
    return this.#rules.some(({ target }) => !target || target.matchesId(ref));
  }

  /** The ignored fields of an object whose labels and annotations are at hand. */
  pointersFor(object: Manifest): Pointer[] {
    return this.#rules.filter(({ target }) => !target || target.matches(object)).flatMap(({ pointers }) => pointers);
  }

  /** The same without asking the API server what an apply would make of the labels and annotations. */
  pointersBetween(desired: Manifest, live: Manifest): Pointer[] {
    const metadata = { ...metadataOf(live), ...metadataOf(desired) };
    for (const field of ["labels", "annotations"] as const) {
      metadata[field] = { ...mapOf(metadataOf(live)[field]), ...mapOf(metadataOf(desired)[field]) };
    }
    return this.pointersFor({ ...desired, metadata });
  }
}

const compiled = new WeakMap<Delivery, IgnoreRules>();

/** Undefined where nothing is ignored. Throws InvalidSpec for a target that cannot be read. */
export function ignoreRulesOf(delivery: Delivery): IgnoreRules | undefined {
  if (delivery.ignore.length === 0) return undefined;
  const known = compiled.get(delivery);
  if (known) return known;
  const rules = new IgnoreRules(delivery.ignore.map((rule, i) => compileRule(rule, i, delivery)));
  compiled.set(delivery, rules);
  return rules;
}

function compileRule({ paths, target }: IgnoreRule, i: number, { origin }: Delivery): CompiledRule {
  const pointers = paths.map(parsePointer).filter((pointer) => pointer !== undefined);
  try {
    return { pointers, target: target && compileTarget(target) };
  } catch (error) {
    const field = `spec.ignore[${i}].target`;
    throw new Failure({
      reason: "InvalidSpec",
      message: `${field}: ${asFailure(error).message}`,
      hint: "Correct the object; nothing is written until it changes",
      where: { object: formatRef(origin), field },
      retry: "never",
      cause: error,
    });
  }
}

function metadataOf({ metadata }: Manifest): Manifest {
  return isObject(metadata) ? metadata : {};
}

function mapOf(value: Manifest[string] | undefined): Manifest {
  return isObject(value) ? value : {};
}
