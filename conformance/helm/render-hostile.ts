// Renders a chart of one template, given on standard input, and prints how it ended and the peak of memory in MB.

import { readFileSync } from "node:fs";
import { loadFiles, printChart, readValues, renderChart } from "@plumbline/core/helm";
import { Failure } from "@plumbline/core/model";
import { encodeText } from "@plumbline/core/template";
import { functions } from "./engine.ts";

function ending(template: string): string {
  const files = [
    { name: "Chart.yaml", data: encodeText("apiVersion: v2\nname: c\nversion: 1.0.0\n") },
    { name: "templates/a.yaml", data: encodeText(template) },
  ];
  try {
    printChart(renderChart(loadFiles(files), readValues(""), { name: "r", namespace: "n" }, { functions }));
    return "done";
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.reason;
    throw thrown;
  }
}

const reason = ending(readFileSync(0, "utf8"));
const status = readFileSync("/proc/self/status", "utf8");
console.log(`${reason} ${Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024)}`);
