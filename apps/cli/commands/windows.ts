// `plumb windows`: when changes may go, from a cluster or from files.

import { Failure, OWN_GROUP, cleanJson } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import { Command } from "commander";
import {
  type Connection,
  type OutputFormat,
  outputFormat,
  withClusterOptions,
  withConnection,
} from "../cluster/connection.ts";
import { screenWidth, useColours, useUnicode } from "../print/screen.ts";
import { clusterWindows, noWindowsKnown } from "../windows/cluster-windows.ts";
import { type FoundWindow, foundWindow, type WindowAt, windowAt } from "../windows/found-window.ts";
import { operatorRemark } from "../windows/operator-remark.ts";
import { readAt } from "../windows/read-time.ts";
import { readWindowFile } from "../windows/window-files.ts";
import { windowCalendars, windowData, windowTable } from "../windows/window-table.ts";

interface WindowsOptions {
  kubeconfig?: string;
  context?: string;
  namespace: string;
  allNamespaces?: boolean;
  filename?: string[];
  calendar?: boolean;
  at?: string;
  output?: string;
}

const examples = [
  "  plumb windows -A",
  "  plumb windows --calendar",
  "  plumb windows --at 2026-12-24T08:00",
  "  plumb windows -f windows.yaml --calendar",
].join("\n");

export function windowsCommand(): Command {
  const command = new Command("windows")
    .description("Show maintenance windows: open or closed, since when, and what comes next.")
    .argument("[name]", "one window")
    .option("-f, --filename <file...>", "check the windows of YAML files, - for standard input; needs no cluster")
    .option("--calendar", "the next two weeks, a row per day, in each window's own time")
    .option("--at <time>", "as it will be, or was, then: RFC 3339, or without an offset in each window's zone")
    .option("-A, --all-namespaces", "of all namespaces; those of the cluster are always shown")
    .option("-o, --output <format>", "json or yaml")
    .addHelpText("after", `\nExamples:\n${examples}`);
  return withClusterOptions(command).action(async (name: string | undefined, options: WindowsOptions) => {
    const format = outputFormat(options.output);
    if (options.calendar === true && format !== "table") {
      throw new Failure({
        reason: "UsageError",
        message: "--calendar is for people",
        hint: "Leave out -o or --calendar.",
      });
    }
    const at = options.at === undefined ? () => Date.now() : readAt(options.at);
    const found = options.filename
      ? options.filename.flatMap(readWindowFile)
      : await withConnection(options, (connection) => readWindows(connection, options));
    const named = found.filter(({ window }) => name === undefined || window.identity.name === name);
    if (named.length === 0) throw nothingFound(name, options);
    const shown = named.map((one) => windowAt(one, at(one.zone ?? "UTC")));
    // Another time than now, or a file, has no operator to compare with.
    const remarkOf = options.at === undefined && !options.filename ? operatorRemark : undefined;
    process.stdout.write(textOf(shown, format, { isCalendar: options.calendar === true, remarkOf }));
    // Whoever checks files wants to know by the exit code; in a cluster a bad window is a state like any other.
    if (options.filename && shown.some(({ mistakes }) => mistakes.length > 0)) process.exitCode = 1;
  });
}

interface Wanted {
  isCalendar: boolean;
  remarkOf: ((at: WindowAt) => string | undefined) | undefined;
}

function textOf(shown: readonly WindowAt[], format: OutputFormat, { isCalendar, remarkOf }: Wanted): string {
  if (format === "json") return cleanJson(`${JSON.stringify(shown.map(windowData), null, 2)}\n`);
  if (format === "yaml") return toYaml(shown.map(windowData));
  if (!isCalendar) return windowTable(shown, remarkOf);
  const style = { colours: useColours(), unicode: useUnicode(), width: screenWidth() };
  return windowCalendars(shown, style);
}

async function readWindows({ client }: Connection, options: WindowsOptions): Promise<FoundWindow[]> {
  const found = await clusterWindows(client, options.allNamespaces === true ? undefined : options.namespace);
  if (!found) throw noWindowsKnown();
  return found.map(foundWindow);
}

function nothingFound(name: string | undefined, options: WindowsOptions): Failure {
  const what = name === undefined ? "no maintenance windows" : `no maintenance window "${name}"`;
  if (options.filename) {
    return new Failure({
      reason: "NotFound",
      message: `${what} in ${options.filename.join(", ")}`,
      hint: `Windows have apiVersion ${OWN_GROUP}/v1alpha1 and kind MaintenanceWindow or ClusterMaintenanceWindow.`,
    });
  }
  const where = options.allNamespaces === true ? "in any namespace" : `in namespace ${options.namespace}`;
  const hint = options.allNamespaces === true ? "What no window selects goes at once." : "Try -A for all namespaces.";
  return new Failure({ reason: "NotFound", message: `${what} found ${where}`, hint });
}
