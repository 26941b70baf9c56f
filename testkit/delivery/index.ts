// Values of a delivery for tests, and what their refusals are told by.

import { type BuildSpec, Failure } from "@plumbline/core/model";

/** A build of `path` as Flux has it by default: nothing is edited. */
export function plainBuild(path: string): BuildSpec {
  return {
    path,
    targetNamespace: undefined,
    namePrefix: undefined,
    nameSuffix: undefined,
    commonLabels: {},
    commonAnnotations: {},
    images: [],
    patches: [],
    components: [],
    ignoreMissingComponents: false,
  };
}

/** The Failure that `run` throws; throws whatever else it throws, and a RangeError when it throws nothing. */
export function failureOf(run: () => unknown): Failure {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new RangeError("no failure");
}
