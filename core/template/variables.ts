// How pipelines and loops set the variables they declare or assign.

import { type Execution, unset } from "./execution.ts";
import type { PipeNode } from "./nodes.ts";
import type { Value } from "./value.ts";

/** Stores a pipeline's value in the variables it declares or assigns. */
export function assignments(pipe: PipeNode): ((execution: Execution, value: Value) => void) | undefined {
  if (pipe.declared.length === 0) return undefined;
  return (execution, value) => {
    for (const variable of pipe.declared) {
      if (variable.slot < 0 || (pipe.isAssign && execution.vars[variable.slot] === unset)) {
        execution.fail(`undefined variable: ${variable.path[0] ?? ""}`);
      }
      execution.vars[variable.slot] = value;
      if (execution.interfaceVars[variable.slot]) execution.interfaceVars[variable.slot] = false;
    }
  };
}

type SetIteration = (execution: Execution, index: Value, element: Value, isInterface: boolean) => void;

/** The variables of a range: one gets the element, two get index and element. */
export function iterationVariables(pipe: PipeNode): SetIteration {
  const [first, second] = pipe.declared.map((variable) => variable.slot);
  if (first === undefined) return () => undefined;
  return (execution, index, element, isInterface) => {
    const slot = second ?? first;
    if (second !== undefined) {
      execution.vars[first] = index;
      execution.interfaceVars[first] = false;
    }
    execution.vars[slot] = element;
    execution.interfaceVars[slot] = isInterface;
  };
}
