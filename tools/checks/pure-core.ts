// The inner ring is pure: no Node, no clock, no random source, no network, no cryptography, no environment.

import { type SourceFile, type Violation, blankComments, importsOf, isTest, lineAt } from "./source-file.ts";

const banned: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b|\bnew Date\(\s*\)|\bTemporal\.Now\b|\bperformance\./g, "reads a clock: take a Clock"],
  [/\b(setTimeout|setInterval|setImmediate)\(/g, "starts a timer: take a Clock"],
  [/\bMath\.random\b/g, "draws random numbers: take a function"],
  [/\bcrypto\.(subtle|randomUUID)\b|\bglobalThis\.crypto\b|\bgetRandomValues\b/g, "uses cryptography: take a function"],
  [/\bprocess\./g, "reads the process: take what it needs as a value"],
  [/\b(await|return|globalThis\.)\s*fetch\(/g, "uses the network: take a function"],
  [/\bBuffer\b/g, "uses Node's Buffer: use Uint8Array, TextEncoder and TextDecoder"],
  [/\bconsole\./g, "prints: return a value"],
  [/\beval\(|\bnew Function\(/g, "runs text as code: interpret it"],
];

/** Looks at `core/` alone, tests excepted. Comments do not count; text in a string does. */
export function checkPureCore(files: readonly SourceFile[]): Violation[] {
  return files.filter(({ path }) => path.startsWith("core/") && !isTest(path)).flatMap(checkFile);
}

function checkFile(file: SourceFile): Violation[] {
  const code = blankComments(file.text);
  const uses = banned.flatMap(([pattern, message]) =>
    [...code.matchAll(pattern)].map((match) => ({ path: file.path, line: lineAt(code, match.index), message })),
  );
  const imports = importsOf(file).filter(({ specifier }) => specifier.startsWith("node:"));
  return [
    ...uses,
    ...imports.map(({ line, specifier }) => ({
      path: file.path,
      line,
      message: `imports ${specifier}: take a function`,
    })),
  ];
}
