// Text with `${...}` to text, equal to Flux's envsubst.

import { Failure, type Where } from "@plumbline/core/model";
import { MAX_OUTPUT_LENGTH } from "./limits.ts";
import { applyOperator, OperatorError } from "./operators.ts";
import { type Expression, ExpressionError, type Part, parseExpressions } from "./parse-expressions.ts";

export interface TextOptions {
  /** A variable that is not set and has no default is an error; otherwise it is empty. */
  strict: boolean;
  /** Where the text stands, for failures. */
  where?: Where | undefined;
  /** Comes before every message. */
  prefix?: string;
}

/** Operators that are made for variables that may be absent. */
const FALLBACKS = new Set(["-", "+", "=", "?", ":-", ":+", ":=", ":?"]);

/**
 * Replaces `${name}` and its operators by values: defaults (`:-`, `:=`, `=`; `:+` and `:?` count as defaults, too),
 * `${#v}`, `^ ^^ , ,,`, `${v:from:length}`, `# ## % %%` (shell patterns), `/ // /# /%`, nested expressions; `$$` is `$`.
 * Values are taken as they are. Throws `Failure("BuildFailed")` that names the variable.
 */
export function substituteText(
  text: string,
  variables: ReadonlyMap<string, string>,
  options: TextOptions = { strict: true },
): string {
  if (!text.includes("$")) return text;
  const evaluate = (part: Part): string => {
    if (typeof part === "string") return part;
    const args = part.args.map(evaluate);
    const value = variables.get(part.variable);
    if (value === undefined && options.strict && !FALLBACKS.has(part.operator)) throw unset(part, options);
    return apply(part, value ?? "", args, options);
  };
  let output = "";
  for (const part of parse(text, options)) {
    output += evaluate(part);
    if (output.length > MAX_OUTPUT_LENGTH) {
      throw failure(options, `the text grows beyond ${MAX_OUTPUT_LENGTH} characters`, "Use smaller values.");
    }
  }
  return output;
}

function parse(text: string, options: TextOptions): Part[] {
  try {
    return parseExpressions(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const shown = text.slice(error.at, error.at + 40).split("\n")[0] ?? "";
    const hint = `Correct the expression at \`${shown}\`, or write $$ for a literal dollar sign.`;
    throw failure(options, `variable substitution failed: ${error.message}`, hint);
  }
}

function apply(part: Expression, value: string, args: string[], options: TextOptions): string {
  try {
    return applyOperator(part.operator, value, args);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const message = `variable substitution failed: \${${part.variable}${part.operator}}: ${error.message}`;
    throw failure(options, message, "Change the expression.");
  }
}

function unset(part: Expression, options: TextOptions): Failure {
  const { variable } = part;
  return failure(
    options,
    `variable substitution failed: variable not set (strict mode): "${variable}"`,
    `Set "${variable}" in postBuild.substitute or substituteFrom, give it a default (\${${variable}:=value}), or write $$ for a literal dollar sign.`,
  );
}

function failure(options: TextOptions, message: string, hint: string): Failure {
  const { where, prefix = "" } = options;
  return new Failure({ reason: "BuildFailed", message: prefix + message, hint, ...(where && { where }) });
}
