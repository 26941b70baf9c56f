// The rows of this folder, answered by core/helm in the shape of the oracle's answers.

import { Failure, type JsonObject } from "@plumbline/core/model";
import { helmFunctions, loadFiles, renderTemplates } from "@plumbline/core/helm";
import { encodeText, type FunctionTable, mapFromJson } from "@plumbline/core/template";
import { secureRandom, templateCrypto } from "@plumbline/edges/crypto";
import type { OracleAnswer } from "../template/oracle.ts";

export const functions: FunctionTable = helmFunctions({
  now: () => BigInt(Date.now()) * 1_000_000n,
  random: secureRandom,
  crypto: templateCrypto,
});

/** One template of a chart "c", with others beside it. */
export function renderRow(
  template: string,
  templates: Record<string, string>,
  values: JsonObject,
  others: Record<string, string> = {},
): OracleAnswer {
  const files = [
    { name: "Chart.yaml", data: encodeText("apiVersion: v2\nname: c\nversion: 1.2.3\n") },
    { name: "templates/row", data: encodeText(template) },
    ...Object.entries(templates).map(([name, text]) => ({ name: `templates/${name}`, data: encodeText(text) })),
    ...Object.entries(others).map(([name, text]) => ({ name, data: encodeText(text) })),
  ];
  try {
    const rendered = renderTemplates(
      loadFiles(files),
      mapFromJson(values),
      { name: "r", namespace: "ns" },
      { functions },
    );
    return { output: encodeText(rendered.get("c/templates/row") ?? ""), error: undefined };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { output: new Uint8Array(), error: thrown.message };
  }
}
