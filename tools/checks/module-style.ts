// What every module looks like: an opening comment, named exports one by one, errors with a meaning.

import { type SourceFile, type Violation, isTest, lineAt } from "./source-file.ts";

const patterns: readonly (readonly [RegExp, string])[] = [
  [/^export \*/gm, "`export *` hides what is public: list the names"],
  [/^export default\b/gm, "no default exports: a name is the same everywhere"],
  [/\bthrow new Error\(/g, "throw a Failure, or a built-in error by its meaning (RangeError, TypeError, SyntaxError)"],
];

/** node:test takes reporters from a default export; nothing else may have one. */
const mayExportDefault = new Set(["tools/summary-reporter.ts"]);

export function checkModuleStyle(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => {
    const violations: Violation[] = [];
    const isStart = /^(#!.*\n)?(\/\/ \S|\/\*\*? \S)/.test(file.text);
    if (!isStart)
      violations.push({ path: file.path, line: 1, message: "begin with a comment that says what it is for" });
    for (const [pattern, message] of patterns) {
      if (message.startsWith("no default") && mayExportDefault.has(file.path)) continue;
      if (message.startsWith("throw") && isTest(file.path)) continue;
      for (const match of file.text.matchAll(pattern)) {
        violations.push({ path: file.path, line: lineAt(file.text, match.index), message });
      }
    }
    return violations;
  });
}
