// `plumb helm template` and `plumb helm show`: Helm's commands with its flags, rendered in process.

import { Command } from "commander";
import { showChart, type ShowPart } from "@plumbline/core/helm";
import { encodeText } from "@plumbline/core/template";
import { runTemplate } from "../helm/template.ts";
import { type TemplateFlags, templateOptionRows } from "../helm/template-options.ts";
import { writeOut } from "../print/write-out.ts";
import { addOptions } from "../quick/commander-options.ts";
import { readChart } from "../read-chart.ts";

/** `helm` with `template` and `show`. */
export function helmCommand(): Command {
  const show = new Command("show").description("show what a chart contains");
  for (const part of ["chart", "values", "readme", "crds", "all"] as const) {
    show.addCommand(
      new Command(part)
        .description(part === "all" ? "everything" : `the chart's ${part}`)
        .argument("<chart>", "a chart's directory or .tgz")
        .action((chart: string) => runShow(chart, part)),
    );
  }
  return new Command("helm").description("render charts").addCommand(templateCommand()).addCommand(show);
}

function templateCommand(): Command {
  const command = new Command("template")
    .description("render a chart's templates")
    .argument("<name-or-chart>", "the release's name, or the chart when it is alone")
    .argument("[chart]", "a chart's directory or .tgz");
  return addOptions(command, templateOptionRows).action(
    (first: string, second: string | undefined, flags: TemplateFlags) => runTemplate(first, second, flags),
  );
}

function runShow(path: string, part: ShowPart): void {
  writeOut(encodeText(showChart(readChart(path), part)));
}
