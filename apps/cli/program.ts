// Finds the command that was asked for, runs it, and turns whatever goes wrong into a message and an exit code.

import { Command, CommanderError } from "commander";
import { reportFailure } from "./print/failure.ts";

type Load = () => Promise<Command>;

const commands = new Map<string, Load>([
  ["demo", async () => (await import("./commands/demo.ts")).demoCommand()],
  ["run", async () => (await import("./commands/run.ts")).runCommand()],
  ["install", async () => (await import("./commands/install.ts")).installCommand()],
  ["get", async () => (await import("./commands/get.ts")).getCommand()],
  ["reconcile", async () => (await import("./commands/reconcile.ts")).reconcileCommand()],
  ["suspend", async () => (await import("./commands/suspend.ts")).suspendCommand()],
  ["resume", async () => (await import("./commands/suspend.ts")).resumeCommand()],
  ["windows", async () => (await import("./commands/windows.ts")).windowsCommand()],
  ["held", async () => (await import("./commands/held.ts")).heldCommand()],
  ["compare", async () => (await import("./commands/compare.ts")).compareCommand()],
  ["diff", async () => (await import("./commands/diff.ts")).diffCommand()],
  ["kustomize", async () => (await import("./commands/kustomize-build.ts")).kustomizeCommand()],
  ["helm", async () => (await import("./commands/helm.ts")).helmCommand()],
]);

const EXIT_USAGE = 2;

/** Loads only the command that was asked for, so that each starts fast. Sets the exit code; never rejects. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  process.stdout.on("error", endWithReader);
  process.on("uncaughtException", (error) => process.exit(reportFailure(error)));
  try {
    const program = new Command("plumb").description("Keeps Kubernetes clusters true to Git.").version("0.0.0");
    const asked = commands.get(argv[2] ?? "");
    const isVersion = argv[2] === "--version" || argv[2] === "-V";
    const loads = asked ? [asked] : isVersion ? [] : [...commands.values()];
    for (const load of loads) program.addCommand(await load());
    configure(program);
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = error instanceof CommanderError ? usageExit(error) : reportFailure(error);
  }
}

/** Settings that commander does not hand down to commands that were built on their own. */
function configure(command: Command): void {
  command
    .exitOverride()
    .showHelpAfterError("  Run it with --help to see what it takes.")
    .configureHelp({ sortSubcommands: true });
  for (const child of command.commands) configure(child);
}

/** Commander has written the message already; help that was asked for is no error. */
function usageExit(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : EXIT_USAGE;
}

/** `plumb get ks | head -1`: the reader has gone, which is nobody's failure. */
function endWithReader(error: NodeJS.ErrnoException): void {
  process.exit(error.code === "EPIPE" ? 0 : reportFailure(error));
}
