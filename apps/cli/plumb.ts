#!/usr/bin/env node
// The program `plumb`: loads only the command that was asked for, so that each starts fast.

import { Command } from "commander";
import { reportFailure } from "./print/failure.ts";

type Load = () => Promise<Command>;

const commands: Record<string, Load> = {
  demo: async () => (await import("./commands/demo.ts")).demoCommand(),
  run: async () => (await import("./commands/run.ts")).runCommand(),
  install: async () => (await import("./commands/install.ts")).installCommand(),
  get: async () => (await import("./commands/get.ts")).getCommand(),
  reconcile: async () => (await import("./commands/reconcile.ts")).reconcileCommand(),
  suspend: async () => (await import("./commands/suspend.ts")).suspendCommand(),
  resume: async () => (await import("./commands/suspend.ts")).resumeCommand(),
  diff: async () => (await import("./commands/diff.ts")).diffCommand(),
  kustomize: async () => (await import("./commands/kustomize-build.ts")).kustomizeCommand(),
  helm: async () => (await import("./commands/helm.ts")).helmCommand(),
};

async function main(): Promise<void> {
  const program = new Command("plumb")
    .description("Keeps Kubernetes clusters true to Git.")
    .version("0.0.0")
    .showHelpAfterError("(run with --help for usage)")
    .configureHelp({ sortSubcommands: true, showGlobalOptions: true });
  const asked = commands[process.argv[2] ?? ""];
  const loads = asked ? [asked] : Object.values(commands);
  for (const load of loads) program.addCommand(await load());
  await program.parseAsync();
}

main().catch((error: unknown) => {
  process.exitCode = reportFailure(error);
});
