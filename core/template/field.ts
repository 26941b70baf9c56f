// Field access: keys of maps, fields of structs, methods.

import { zeroOf } from "./arguments.ts";
import type { Execution } from "./execution.ts";
import { quote } from "./quote.ts";
import { anyType, type Callable, GoMap, GoObject, isExported, typeOf, type Value } from "./value.ts";

export interface FieldAccess {
  name: string;
  receiver: Value;
  /** Whether Go holds the receiver in an interface: messages then name the interface as its type. */
  isInterface: boolean;
  hasArguments: boolean;
}

/** The value under a key of a map where no method has that name: what most field accesses are. */
export function entryOf(receiver: Value, name: string): Value {
  if (!(receiver instanceof GoMap)) return undefined;
  const { methods } = receiver.type;
  return methods?.has(name) ? undefined : receiver.entries.get(name);
}

/** Whether Go holds the values of a map in interfaces. */
export const holdsInterfaces = ({ type }: GoMap): boolean => (type.elem ?? anyType).kind === "interface";

/** Reads one field. `execution.isInterface` then says whether Go holds the result in an interface. */
export function readField(execution: Execution, access: FieldAccess, callMethod: (method: Callable) => Value): Value {
  const { receiver, name } = access;
  if (receiver instanceof GoMap && !receiver.type.methods) return readKey(execution, receiver, access);
  if (receiver === undefined) {
    if (execution.options.missingKey === "error") execution.fail(`nil data; no entry for key ${quote(name)}`);
    execution.isInterface = false;
    return undefined;
  }
  if (receiver === null) return execution.fail(`nil pointer evaluating interface {}.${name}`);
  const type = typeOf(receiver);
  const method = type?.methods?.get(name);
  if (method) {
    execution.isInterface = method.result.kind === "interface";
    return callMethod(method);
  }
  if (receiver instanceof GoMap) return readKey(execution, receiver, access);
  if (receiver instanceof GoObject && receiver.fields.has(name)) {
    if (!isExported(name)) execution.fail(`${name} is an unexported field of struct type ${type?.name}`);
    if (access.hasArguments) execution.fail(`${name} has arguments but cannot be invoked as function`);
    execution.isInterface = false;
    return receiver.fields.get(name);
  }
  const typeName = access.isInterface ? anyType.name : type?.name;
  return execution.fail(`can't evaluate field ${name} in type ${typeName}`);
}

function readKey(execution: Execution, map: GoMap, access: FieldAccess): Value {
  const { name } = access;
  if (access.hasArguments) return execution.fail(`${name} is not a method but has arguments`);
  const { elem = anyType } = map.type;
  const value = map.entries.get(name);
  if (value !== undefined) {
    execution.isInterface = elem.kind === "interface";
    return value;
  }
  const { missingKey } = execution.options;
  if (missingKey === "error") return execution.fail(`map has no entry for key ${quote(name)}`);
  execution.isInterface = elem.kind === "interface";
  return missingKey === "zero" ? zeroOf(elem) : undefined;
}
