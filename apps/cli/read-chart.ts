// A chart of this machine: a directory or a .tgz.

import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Chart, loadArchive, loadChart } from "@plumbline/core/helm";
import { Failure } from "@plumbline/core/model";
import { diskTree } from "./disk-tree.ts";

const gunzip = (bytes: Uint8Array, maxBytes: number): Uint8Array =>
  new Uint8Array(gunzipSync(bytes, { maxOutputLength: maxBytes }));

/** Throws `NotFound`, or `ChartInvalid` with Helm's words. */
export function readChart(path: string): Chart {
  if (!existsSync(path)) {
    throw new Failure({
      reason: "NotFound",
      message: `path "${path}" not found`,
      hint: "Give a chart's directory or its .tgz; charts are not fetched from repositories.",
    });
  }
  const real = realpathSync(path);
  if (!statSync(real).isDirectory()) return loadArchive(readFileSync(real), gunzip);
  return loadChart(diskTree("/", "path"), real.slice(1), { gunzip, absoluteLinks: true });
}
