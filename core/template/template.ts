// Templates: compile a source once, execute it many times, alone or as a set that calls its members by name.

import { Failure } from "@plumbline/core/model";
import { builtinFunctions } from "./builtins.ts";
import { type BoundTree, Execution, type MissingKey, type Runnable } from "./execution.ts";
import type { Delimiters } from "./lexer.ts";
import { defaultLimits, isExhausted, type Limits, noWork, takeVisited, type Work } from "./limits.ts";
import { type FunctionTable, link } from "./link.ts";
import { isEmptyList } from "./nodes.ts";
import { parse, type Tree } from "./parser.ts";
import { quote } from "./quote.ts";
import type { Value } from "./value.ts";

export interface TemplateOptions {
  /** `.missing` on a map: no value (Go's default), the zero value (Helm's choice), or an error. */
  missingKey?: MissingKey;
  limits?: Partial<Limits>;
}

export interface CompileOptions {
  /** What messages call the template. */
  name: string;
  /** When given, unknown functions are refused here, with their line, and not when the template runs. */
  functions?: FunctionTable;
  delimiters?: Delimiters;
}

/** A parsed source: bound to functions when it is executed, once per table. */
export interface Template {
  readonly name: string;
  /** Everything the source defines, by name. */
  readonly trees: ReadonlyMap<string, Tree>;
  /** The output for this data. Throws `TemplateFailed` with Go's words, or `LimitExceeded`. */
  execute: (data: Value, functions?: FunctionTable, options?: TemplateOptions) => string;
}

/**
 * Parses a template. `compile(source, { name }).execute(data, functions)` writes what Go's text/template would.
 * Throws `TemplateFailed`: `template: name:line: unexpected "}" in operand`.
 */
export function compile(source: string, { name, functions, delimiters }: CompileOptions): Template {
  const isFunction = functions && ((word: string): boolean => functions.has(word) || builtinFunctions.has(word));
  const trees = parse(source, { name, ...(isFunction && { isFunction }), ...(delimiters && { delimiters }) });
  const template: Template = {
    name,
    trees,
    execute: (data, table = functions ?? noFunctions, options = {}) => {
      const set = new TemplateSet(name, table, options);
      set.add(template);
      return set.execute(name, data);
    },
  };
  return template;
}

const noFunctions: FunctionTable = new Map();

// What a tree becomes with a table of functions; both are immutable, so the result is kept as long as the tree is.
const linked = new WeakMap<Tree, WeakMap<FunctionTable, Runnable>>();

function linkOnce(tree: Tree, functions: FunctionTable): Runnable {
  let tables = linked.get(tree);
  if (!tables) linked.set(tree, (tables = new WeakMap()));
  let runnable = tables.get(functions);
  if (!runnable) tables.set(functions, (runnable = link(tree, functions)));
  return runnable;
}

function bindTrees(template: Template, functions: FunctionTable): Map<string, BoundTree> {
  const bound = new Map<string, BoundTree>();
  for (const [name, tree] of template.trees) {
    bound.set(name, { runnable: linkOnce(tree, functions), isEmpty: isEmptyList(tree.root) });
  }
  return bound;
}

/** Templates that can execute each other, with one table of functions. */
export class TemplateSet {
  /** What messages call the set. */
  readonly name: string;
  readonly functions: FunctionTable;
  readonly missingKey: MissingKey;
  readonly limits: Limits;
  private readonly members: Map<string, Runnable>;

  constructor(name: string, functions: FunctionTable, options: TemplateOptions = {}, members?: Map<string, Runnable>) {
    this.name = name;
    this.functions = functions;
    this.missingKey = options.missingKey ?? "invalid";
    this.limits = { ...defaultLimits, ...options.limits };
    this.members = members ?? new Map<string, Runnable>();
  }

  /** Adds everything the source defines; a later definition replaces an earlier one unless it is empty. */
  add(template: Template): void {
    for (const [name, tree] of template.trees) {
      if (this.members.has(name) && isEmptyList(tree.root)) continue;
      this.members.set(name, linkOnce(tree, this.functions));
    }
  }

  has(name: string): boolean {
    return this.members.has(name);
  }

  names(): string[] {
    return [...this.members.keys()];
  }

  /** A set of its own that starts with the same members. */
  clone(): TemplateSet {
    const options = { missingKey: this.missingKey, limits: this.limits };
    return new TemplateSet(this.name, this.functions, options, new Map(this.members));
  }

  private start(work: Work): Execution {
    return new Execution({
      lookup: (name) => this.members.get(name),
      missingKey: this.missingKey,
      limits: this.limits,
      bind: (template: Template, functions: FunctionTable) => bindTrees(template, functions),
      setName: this.name,
      work,
    });
  }

  /**
   * The output of one member. Executions that share `work` share the limits; without it they count from zero.
   * Throws `TemplateFailed` with Go's words, or `LimitExceeded`.
   */
  execute(name: string, data: Value, work: Work = noWork()): string {
    const member = this.members.get(name);
    if (!member) {
      const message = `template: no template ${quote(name)} associated with template ${quote(this.name)}`;
      throw new Failure({ reason: "TemplateFailed", message, retry: "never" });
    }
    const execution = this.start(work);
    takeVisited(); // what was walked over before is not this template's
    try {
      execution.enter(member, data);
    } catch (thrown) {
      if (isExhausted(thrown)) throw execution.limit(thrown.message);
      throw thrown;
    }
    return execution.out;
  }
}
