// The closed set of reasons: each is documented, each that is documented exists, and each is given somewhere.

import { type SourceFile, type Violation, blankComments, isTest, lineAt } from "./source-file.ts";

const DECLARED_IN = "core/model/failure.ts";
const DOCUMENTED_IN = "docs/errors.md";
const product = /^(core|engine|edges|dialects|apps)\//;

/** `documentation` is the text of docs/errors.md; its tables whose first column is called `reason` count. */
export function checkReasons(files: readonly SourceFile[], documentation: string): Violation[] {
  const source = files.find(({ path }) => path === DECLARED_IN)?.text ?? "";
  const declared = declaredReasons(source);
  if (declared.size === 0) return [{ path: DECLARED_IN, message: "`export type Reason =` is not there any more" }];
  const documented = documentedReasons(documentation);
  const given = givenWords(files);
  const inCode = [...declared].flatMap(([reason, line]): Violation[] => [
    ...(documented.has(reason)
      ? []
      : [{ path: DECLARED_IN, line, message: `${reason} has no row in ${DOCUMENTED_IN}` }]),
    ...(given.has(reason)
      ? []
      : [{ path: DECLARED_IN, line, message: `no failure has the reason ${reason}: drop it` }]),
  ]);
  const inText = [...documented]
    .filter(([reason]) => !declared.has(reason))
    .map(([reason, line]) => ({ path: DOCUMENTED_IN, line, message: `${reason} is no reason of ${DECLARED_IN}` }));
  return [...inCode, ...inText];
}

/** With their lines. */
function declaredReasons(source: string): Map<string, number> {
  const union = /export type Reason =([^;]*);/.exec(source);
  const names = [...(union?.[1] ?? "").matchAll(/"(\w+)"/g)];
  const start = (union?.index ?? 0) + "export type Reason =".length;
  return new Map(names.map((match) => [match[1] ?? "", lineAt(source, start + match.index)]));
}

/** A row may be about several. */
function documentedReasons(text: string): Map<string, number> {
  const found = new Map<string, number>();
  let isOfReasons = false;
  for (const [index, line] of text.split("\n").entries()) {
    const first = /^\|([^|]*)\|/.exec(line)?.[1]?.trim();
    if (first === undefined) isOfReasons = false;
    else if (first === "reason") isOfReasons = true;
    else if (isOfReasons) for (const [, name = ""] of first.matchAll(/`(\w+)`/g)) found.set(name, index + 1);
  }
  return found;
}

/** Every word in quotes that is more than looked for: comparisons and sets only ask which reason there is. */
function givenWords(files: readonly SourceFile[]): Set<string> {
  const words = new Set<string>();
  for (const { path, text } of files) {
    if (path === DECLARED_IN || !product.test(path) || isTest(path)) continue;
    const code = blankComments(text)
      .replace(/new Set(<\w+>)?\(\[[^\]]*\]\)/g, "")
      .replace(/[!=]==\s*"\w+"/g, "");
    for (const [, word = ""] of code.matchAll(/"([A-Z]\w+)"/g)) words.add(word);
  }
  return words;
}
