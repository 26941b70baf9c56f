// Turns a syntax tree into closures, bound to a table of functions: linked once, run many times.

import { Failure } from "@plumbline/core/model";
import { constantArgument, constantValue, type Evaluate, fit, nilArgument } from "./arguments.ts";
import { builtinFunctions } from "./builtins.ts";
import { type Execution, type Runnable, unset } from "./execution.ts";
import { entryOf, holdsInterfaces, readField } from "./field.ts";
import { callFailure } from "./define.ts";
import { shortText, weigh, weighResult } from "./call-cost.ts";
import { isExhausted, takeVisited } from "./limits.ts";
import {
  type ActionNode,
  type BranchNode,
  type ChainNode,
  type CommandNode,
  type FieldNode,
  type IdentifierNode,
  type ListNode,
  type Node,
  type OperandNode,
  type PipeNode,
  showNode,
  type StatementNode,
  type TemplateNode,
  type VariableNode,
} from "./nodes.ts";
import type { Tree } from "./parser.ts";
import { show } from "./printf.ts";
import { quote } from "./quote.ts";
import { rangeOver } from "./range.ts";
import { isTrue } from "./truth.ts";
import { assignments, iterationVariables } from "./variables.ts";
import { type Callable, GoFunc, type GoMap, type Parameter, typeOf, type Value } from "./value.ts";

/** Function names to functions. `builtinFunctions` are found where this table has none. */
export type FunctionTable = ReadonlyMap<string, Callable>;

/** How a statement ended: 0 done, 1 break, 2 continue. */
type Signal = 0 | 1 | 2;
type Statement = (execution: Execution, dot: Value) => Signal;

/** What a command gets from the pipe before it; `none` for the first command. */
const none: unique symbol = Symbol("none");
type Piped = Value | typeof none;
type Command = (execution: Execution, dot: Value, piped: Piped) => Value;

/** Binds a tree to a table of functions. */
export function link(tree: Tree, functions: FunctionTable): Runnable {
  return { name: tree.name, frameSize: tree.frameSize, run: new Linker(functions).list(tree.root) };
}

class Linker {
  private readonly functions: FunctionTable;

  constructor(functions: FunctionTable) {
    this.functions = functions;
  }

  list(node: ListNode): Statement {
    const statements = node.nodes.map((each) => this.statement(each));
    const [only] = statements;
    if (statements.length === 1 && only) return only;
    return (execution, dot) => {
      for (let i = 0; i < statements.length; i++) {
        const signal = (statements[i] as Statement)(execution, dot); // i is within the list
        if (signal !== 0) return signal;
      }
      return 0;
    };
  }

  private statement(node: StatementNode): Statement {
    switch (node.kind) {
      case "text":
        return (execution) => {
          execution.write(node.text);
          return 0;
        };
      case "action":
        return this.action(node);
      case "if":
      case "with":
        return this.branch(node);
      case "range":
        return this.range(node);
      case "template":
        return this.template(node);
      case "list":
        return this.list(node);
      case "break":
        return () => 1;
      case "continue":
        return () => 2;
    }
  }

  private action(node: ActionNode): Statement {
    const pipe = this.pipe(node.pipe);
    if (node.pipe.declared.length > 0) {
      return (execution, dot) => {
        pipe(execution, dot);
        return 0;
      };
    }
    return (execution, dot) => {
      const value = pipe(execution, dot);
      if (typeof value === "string") execution.write(value);
      else print(execution, node, value);
      return 0;
    };
  }

  private branch(node: BranchNode): Statement {
    const pipe = this.pipe(node.pipe);
    const list = this.list(node.list);
    const elseList = node.elseList ? this.list(node.elseList) : undefined;
    const isWith = node.kind === "with";
    return (execution, dot) => {
      execution.node = node;
      const value = pipe(execution, dot);
      if (!isTrue(value)) return elseList ? elseList(execution, dot) : 0;
      if (!isWith) return list(execution, dot);
      const outer = execution.dotIsInterface;
      execution.dotIsInterface = false;
      const signal = list(execution, value);
      execution.dotIsInterface = outer;
      return signal;
    };
  }

  private range(node: BranchNode): Statement {
    const pipe = this.pipe(node.pipe);
    const list = this.list(node.list);
    const elseList = node.elseList ? this.list(node.elseList) : undefined;
    const setIteration = iterationVariables(node.pipe);
    const variables = node.pipe.declared.length;
    return (execution, dot) => {
      execution.node = node;
      const value = pipe(execution, dot);
      const outer = execution.dotIsInterface;
      let signal: Signal = 0;
      const ran = rangeOver(execution, { value, variables }, (index, element, isInterface) => {
        execution.spend(1);
        setIteration(execution, index, element, isInterface);
        execution.dotIsInterface = isInterface;
        signal = list(execution, element);
        return signal !== 1;
      });
      execution.dotIsInterface = outer;
      return !ran && elseList ? elseList(execution, dot) : 0;
    };
  }

  private template(node: TemplateNode): Statement {
    const pipe = node.pipe ? this.pipe(node.pipe) : undefined;
    return (execution, dot) => {
      execution.node = node;
      const found = execution.lookup(node.name);
      if (!found) return execution.fail(`template ${quote(node.name)} not defined`);
      const data = pipe ? pipe(execution, dot) : undefined;
      execution.node = node; // too deep a call is told of here
      execution.enter(found, data);
      return 0;
    };
  }

  private pipe(node: PipeNode): Evaluate {
    const commands = node.commands.map((command) => this.command(command));
    const [first] = commands;
    if (!first) throw new Failure({ reason: "Internal", message: "a pipeline without commands" });
    const assign = assignments(node);
    if (commands.length === 1 && !assign) {
      return (execution, dot) => {
        execution.node = node;
        const value = first(execution, dot, none);
        return value === null ? undefined : value;
      };
    }
    return (execution, dot) => {
      execution.node = node;
      let value = first(execution, dot, none);
      if (value === null) value = undefined;
      for (let i = 1; i < commands.length; i++) {
        value = (commands[i] as Command)(execution, dot, value); // i is within the list
        if (value === null) value = undefined;
      }
      assign?.(execution, value);
      return value;
    };
  }

  private command(node: CommandNode): Command {
    const first = node.args[0] as OperandNode; // the parser refuses empty commands
    switch (first.kind) {
      case "field":
        return this.fieldCommand(first, node.args);
      case "chain":
        return this.chainCommand(first, node.args);
      case "identifier":
        return this.functionCommand(first, node, node.args);
      case "variable":
        return this.variableCommand(first, node.args);
      case "pipe": {
        const pipe = this.pipe(first);
        return onlyWithoutArguments(node, (execution, dot) => pipe(execution, dot));
      }
      case "dot":
        return onlyWithoutArguments(node, (execution, dot) => {
          execution.isInterface = execution.dotIsInterface;
          return dot;
        });
      case "nil":
        return onlyWithoutArguments(node, (execution) => {
          execution.node = first;
          return execution.fail("nil is not a command");
        });
      default:
        return constantCommand(first, node);
    }
  }

  private fieldCommand(node: FieldNode, args: OperandNode[]): Command {
    const access = this.path(node, node.path, args);
    return (execution, dot, piped) => {
      execution.node = node;
      return access(execution, dot, piped, dot, execution.dotIsInterface);
    };
  }

  private chainCommand(node: ChainNode, args: OperandNode[]): Command {
    const access = this.path(node, node.path, args);
    if (node.node.kind === "nil") {
      return (execution) => {
        execution.node = node;
        return execution.fail(`indirection through explicit nil in ${showNode(node)}`);
      };
    }
    const inner = this.argument(node.node, "reflect");
    return (execution, dot, piped) => {
      execution.node = node;
      execution.isInterface = false;
      const receiver = inner(execution, dot);
      return access(execution, dot, piped, receiver, false);
    };
  }

  private variableCommand(node: VariableNode, args: OperandNode[]): Command {
    const [name = "", ...path] = node.path;
    const { slot } = node;
    const read = (execution: Execution): Value => {
      execution.node = node;
      const value = execution.vars[slot];
      if (value === unset || slot < 0) return execution.fail(`undefined variable: ${name}`);
      execution.isInterface = execution.interfaceVars[slot] ?? false;
      return value;
    };
    if (path.length === 0) {
      return (execution, dot, piped) => {
        const value = read(execution);
        if (args.length > 1 || piped !== none) refuseArguments(execution, args[0] as OperandNode);
        return value;
      };
    }
    const access = this.path(node, path, args);
    return (execution, dot, piped) => {
      const value = read(execution);
      return access(execution, dot, piped, value, execution.isInterface);
    };
  }

  /** Follows `.a.b.c` from a receiver; the last part may be a method with arguments. */
  private path(node: Node, path: readonly string[], args: OperandNode[]): PathAccess {
    const last = path.length - 1;
    const takesArguments = args.length > 1;
    // Few accesses meet a method: what those need is made when they do.
    let callMethod: MethodCall | undefined;
    let plainCall: MethodCall | undefined;
    return (execution, dot, piped, from, fromInterface) => {
      let receiver = from;
      let isInterface = fromInterface;
      for (let i = 0; i <= last; i++) {
        const name = path[i] as string; // i is within the list
        const hasArguments = i === last && (takesArguments || piped !== none);
        const found = hasArguments ? undefined : entryOf(receiver, name);
        if (found !== undefined) {
          isInterface = holdsInterfaces(receiver as GoMap); // only maps have entries
          receiver = found;
          execution.isInterface = isInterface;
          continue;
        }
        const owner = receiver;
        receiver = readField(execution, { name, receiver, isInterface, hasArguments }, (method) =>
          i === last
            ? (callMethod ??= this.methodCall(node, args))(execution, dot, piped, { method, receiver: owner, name })
            : (plainCall ??= this.methodCall(node, []))(execution, dot, none, { method, receiver: owner, name }),
        );
        isInterface = execution.isInterface;
      }
      return receiver;
    };
  }

  // Methods are only known when the template runs, so their arguments are linked then, once per method.
  private methodCall(node: Node, args: OperandNode[]): MethodCall {
    const linked = new Map<Callable, BoundCall>();
    return (execution, dot, piped, { method, receiver, name }) => {
      let bound = linked.get(method);
      if (!bound) {
        bound = this.bind(method, name, { node, args: args.slice(1) });
        linked.set(method, bound);
      }
      return bound(execution, dot, piped, receiver);
    };
  }

  private functionCommand(node: IdentifierNode, command: Node, args: OperandNode[]): Command {
    const { name } = node;
    const own = this.functions.get(name);
    const callable = own ?? builtinFunctions.get(name);
    if (!callable) {
      return (execution) => {
        execution.node = node;
        return execution.fail(`${quote(name)} is not a defined function`);
      };
    }
    const rest = args.slice(1);
    if (!own && (name === "and" || name === "or")) return this.shortCircuit(node, name, rest);
    if (!own && name === "call") return this.callCommand(node, command, rest);
    const bound = this.bind(callable, name, { node: command, args: rest });
    return (execution, dot, piped) => {
      execution.node = node;
      execution.isInterface = callable.result.kind === "interface";
      return bound(execution, dot, piped, none);
    };
  }

  private shortCircuit(node: IdentifierNode, name: "and" | "or", args: OperandNode[]): Command {
    const values = args.map((arg) => this.argument(arg, "reflect"));
    const stopAt = name === "or";
    return (execution, dot, piped) => {
      execution.node = node;
      if (values.length === 0 && piped === none) {
        return execution.fail(`wrong number of args for ${name}: want at least 1 got 0`);
      }
      let value: Value;
      for (const evaluate of values) {
        value = evaluate(execution, dot);
        if (isTrue(value) === stopAt) return value;
      }
      return piped === none ? value : piped;
    };
  }

  private callCommand(node: IdentifierNode, command: Node, args: OperandNode[]): Command {
    const values = args.map((arg) => this.argument(arg, "reflect"));
    return (execution, dot, piped) => {
      execution.node = node;
      if (values.length === 0 && piped === none) {
        return execution.fail("wrong number of args for call: want at least 1 got 0");
      }
      const all = values.map((evaluate) => evaluate(execution, dot));
      if (piped !== none) all.push(piped);
      execution.node = command;
      const target = all[0];
      // A value from the pipe has no node: Go shows what reflect makes of it.
      const piece = typeof target === "string" ? target : `<${typeOf(target)?.name} Value>`;
      const name = args[0] ? showNode(args[0]) : piece;
      if (target instanceof GoFunc) return target.callable.call(all.slice(1), execution);
      const why =
        target === undefined || target === null
          ? "call of nil"
          : `non-function ${name} of type ${typeOf(target)?.name}`;
      return execution.fail(`error calling call: ${why}`, callFailure(why));
    };
  }

  /** Argument readers for a function, the count check, the call, and its errors. */
  private bind(callable: Callable, name: string, at: { node: Node; args: OperandNode[] }): BoundCall {
    const { parameters, variadic = false } = callable;
    const fixed = variadic ? parameters.length - 1 : parameters.length;
    const parameterAt = (i: number): Parameter => parameters[Math.min(i, parameters.length - 1)] ?? "reflect";
    const readers = at.args.map((arg, i) => this.argument(arg, parameterAt(i)));
    const count = readers.length;
    return (execution, dot, piped, receiver) => {
      const given = piped === none ? count : count + 1;
      if (variadic ? given < fixed : given !== fixed) {
        const wanted = variadic ? `at least ${fixed} got ${count}` : `${fixed} got ${given}`;
        return execution.fail(`wrong number of args for ${name}: want ${wanted}`);
      }
      const values: Value[] = receiver === none ? [] : [receiver];
      for (let i = 0; i < count; i++) values.push((readers[i] as Evaluate)(execution, dot)); // i is within the list
      if (piped !== none) values.push(fit(execution, piped, parameterAt(count)));
      execution.spend(weigh(values));
      const caller = execution.name;
      try {
        const result = callable.call(values, execution);
        const cost = takeVisited() + weighResult(callable, values, result);
        if (typeof result === "string" && result.length > shortText) execution.reserve(result.length);
        if (cost > 0) execution.spend(cost);
        return result;
      } catch (thrown) {
        execution.name = caller;
        execution.node = at.node;
        return failedCall(execution, name, thrown);
      }
    };
  }

  private argument(node: OperandNode, parameter: Parameter): Evaluate {
    switch (node.kind) {
      case "dot":
        return (execution, dot) => {
          execution.node = node;
          execution.isInterface = execution.dotIsInterface;
          return fit(execution, dot, parameter);
        };
      case "nil":
        return nilArgument(node, parameter);
      case "pipe": {
        const pipe = this.pipe(node);
        return (execution, dot) => fit(execution, pipe(execution, dot), parameter);
      }
      case "field":
      case "variable":
      case "chain":
      case "identifier": {
        const command = this.operand(node);
        return (execution, dot) => fit(execution, command(execution, dot, none), parameter);
      }
      default: {
        const constant = constantArgument(node, parameter);
        return (execution, dot) => {
          execution.node = node;
          return constant(execution, dot);
        };
      }
    }
  }

  private operand(node: FieldNode | VariableNode | ChainNode | IdentifierNode): Command {
    if (node.kind === "field") return this.fieldCommand(node, [node]);
    if (node.kind === "variable") return this.variableCommand(node, [node]);
    if (node.kind === "chain") return this.chainCommand(node, [node]);
    return this.functionCommand(node, node, [node]);
  }
}

type PathAccess = (execution: Execution, dot: Value, piped: Piped, receiver: Value, isInterface: boolean) => Value;
interface MethodTarget {
  method: Callable;
  receiver: Value;
  name: string;
}
type MethodCall = (execution: Execution, dot: Value, piped: Piped, target: MethodTarget) => Value;
type BoundCall = (execution: Execution, dot: Value, piped: Piped, receiver: Value | typeof none) => Value;

function failedCall(execution: Execution, name: string, thrown: unknown): never {
  if (isExhausted(thrown)) throw execution.limit(`${name}: ${thrown.message}`);
  if (!(thrown instanceof Failure) || thrown.reason === "LimitExceeded") throw thrown;
  return execution.fail(`error calling ${name}: ${thrown.message}`, thrown);
}

function print(execution: Execution, node: ActionNode, value: Value): void {
  execution.node = node;
  if (value instanceof GoFunc) execution.fail(`can't print ${showNode(node)} of type ${value.type.name}`);
  const pointerText = typeOf(value)?.pointerText as ((v: Value) => string) | undefined; // it takes its type's values
  const text = value === undefined ? "<no value>" : pointerText ? pointerText(value) : show(value);
  if (text.length > shortText) execution.reserve(text.length);
  execution.write(text);
}

function refuseArguments(execution: Execution, first: OperandNode): never {
  return execution.fail(`can't give argument to non-function ${showNode(first)}`);
}

function onlyWithoutArguments(command: CommandNode, evaluate: Evaluate): Command {
  const first = command.args[0] as OperandNode; // the parser refuses empty commands
  const isPipe = first.kind === "pipe";
  return (execution, dot, piped) => {
    if (!isPipe) execution.node = first;
    if (command.args.length > 1 || piped !== none) refuseArguments(execution, first);
    return evaluate(execution, dot);
  };
}

function constantCommand(node: OperandNode, command: CommandNode): Command {
  const value = constantValue(node);
  return onlyWithoutArguments(command, (execution) => {
    if (value === undefined) return execution.fail(`${showNode(node)} overflows int`);
    return value;
  });
}
