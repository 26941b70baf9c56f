// Plain uses of the rendering commands without commander: reading the arguments must not take longer than the work.

import { buildOptionRows, type BuildFlags } from "./kustomize/build-options.ts";
import { templateOptionRows, type TemplateFlags } from "./helm/template-options.ts";
import { readQuickly } from "./quick/option-row.ts";
import { reportFailure } from "./print/failure.ts";

/** True when the command was one of these and is done; false leaves everything to commander. Never rejects. */
export async function startQuickly(argv: readonly string[]): Promise<boolean> {
  const run = plan(argv.slice(2));
  if (!run) return false;
  process.on("uncaughtException", (error) => process.exit(reportFailure(error)));
  try {
    await run();
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
  return true;
}

function plan([group, command, ...args]: readonly string[]): (() => Promise<void>) | undefined {
  if (group === "kustomize" && command === "build") return planBuild(args);
  return group === "helm" && command === "template" ? planTemplate(args) : undefined;
}

function planBuild(args: readonly string[]): (() => Promise<void>) | undefined {
  const read = readQuickly(args, buildOptionRows);
  if (!read || read.positional.length > 1) return undefined;
  // The table says which values there are.
  const flags = read.values as unknown as BuildFlags;
  return async () => (await import("./kustomize/run-build.ts")).runBuild(read.positional[0] ?? ".", flags);
}

function planTemplate(args: readonly string[]): (() => Promise<void>) | undefined {
  const read = readQuickly(args, templateOptionRows);
  const [first, second, ...more] = read?.positional ?? [];
  if (!read || first === undefined || more.length > 0) return undefined;
  // The table says which values there are.
  const flags = read.values as unknown as TemplateFlags;
  return async () => (await import("./helm/template.ts")).runTemplate(first, second, flags);
}
