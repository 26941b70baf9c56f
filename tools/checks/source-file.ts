// The TypeScript sources of the checkout, as the checks see them.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface SourceFile {
  /** From the root of the checkout, with `/`. */
  path: string;
  text: string;
}

export interface Violation {
  path: string;
  line?: number;
  /** What is wrong and what to do instead. */
  message: string;
}

export interface Import {
  specifier: string;
  line: number;
  /** Nothing of it is left at run time. */
  typeOnly: boolean;
}

const roots = "{core,engine,edges,dialects,sandbox,apps,testkit,conformance,bench,examples,tools}";

/** Every .ts and .tsx file that people write: node_modules and testdata are left out. */
export function readSources(checkout: string): SourceFile[] {
  const isForeign = (name: string): boolean => /(^|\/)(node_modules|testdata|dist)$/.test(name);
  const paths = globSync(`${roots}/**/*.{ts,tsx}`, { cwd: checkout, exclude: isForeign });
  return paths.sort().map((path) => ({ path, text: readFileSync(join(checkout, path), "utf8") }));
}

/** x.test.ts, x.real-test.ts, x.long-test.ts, and what stands beside them for their use alone: x.test-cases.ts, testing/. */
export function isTest(path: string): boolean {
  return /[.-]test(-[a-z]+)?\.tsx?$|\/testing\//.test(path);
}

/**
 * Static imports and re-exports that begin a line, and dynamic imports of a literal in code that is no comment. A line inside a template literal
 * that reads like an import counts as one: keep such text indented.
 */
export function importsOf(file: SourceFile): Import[] {
  const statement = /^(import|export)\b(\s+type\b)?([^;"']*?\bfrom)?\s*["']([^"'\n$]+)["'];?/gm;
  const dynamic = /\bimport\(\s*["']([^"'\n$]+)["']\s*\)/g;
  const imports: Import[] = [];
  const add = (index: number, specifier: string, typeOnly: boolean): void => {
    imports.push({ specifier, line: lineAt(file.text, index), typeOnly });
  };
  for (const match of file.text.matchAll(statement)) {
    const names = /\{([^}]*)\}/.exec(match[3] ?? "")?.[1];
    const onlyTypes = names !== undefined && names.split(",").every((name) => /^\s*(type\s|$)/.test(name));
    add(match.index, match[4] ?? "", match[2] !== undefined || (onlyTypes && !/^\s*\w+\s*,/.test(match[3] ?? "")));
  }
  const code = blankComments(file.text);
  for (const match of code.matchAll(dynamic)) add(match.index, match[1] ?? "", isInType(file.text, match.index));
  return imports;
}

/** The text with every comment as spaces, so that offsets and lines stay. */
export function blankComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, " "));
}

/** The 1-based line of an offset. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < index; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** `typeof import("x")` and `: import("x").Y` are types. */
function isInType(text: string, index: number): boolean {
  return /(typeof|[:<|&])\s*$/.test(text.slice(Math.max(0, index - 20), index));
}
