// How a quick command comes into the process: from the release as one script with its compiled code beside it.

/** Does what the arguments ask for. False leaves them to commander. Never rejects. */
export type QuickStart = (args: readonly string[]) => Promise<boolean>;

/** What each quick command's file exports. */
export interface QuickModule {
  start: QuickStart;
}

/** Compiled code is that of one V8 on one kind of processor: `<script>.<V8>-<processor>.code`. */
export function codeFile(script: string): string {
  return `${script}.${process.versions.v8}-${process.arch}.code`;
}

/**
 * Runs a script of the release with the code that was compiled ahead, functions included (`compile-ahead.ts`):
 * Node's own compile cache has only what runs at once, and compiling the rest takes longer than a small build.
 * Undefined where there is no such code: a checkout, another Node. V8 refuses code that does not fit (its flags differ),
 * and compiles as always. Node's modules are taken without an `import`, which would load more of them.
 */
export function loadCompiled(script: string): QuickModule | undefined {
  const { existsSync, readFileSync } = process.getBuiltinModule("node:fs");
  const code = codeFile(script);
  if (!existsSync(code)) return undefined;
  const { Script } = process.getBuiltinModule("node:vm");
  // The bundler writes ASCII alone.
  const compiled = new Script(readFileSync(script, "latin1"), { filename: script, cachedData: readFileSync(code) });
  return compiled.runInThisContext() as QuickModule;
}
