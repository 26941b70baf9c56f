// A comparison as text for people and as JSON for programs.

import type { JsonValue } from "@plumbline/core/model";
import { cleanJson, cleanLine } from "@plumbline/core/model";
import {
  type Comparison,
  type KustomizationComparison,
  type ObjectChange,
  type OtherKind,
  summarize,
} from "./comparison.ts";

/** Fields that one object lists, and characters that one value shows. */
const MAX_FIELDS = 10;
const MAX_VALUE = 100;
/** Of a message; JSON has it whole. */
const MAX_MESSAGE = 200;
const SIGNS = { create: "+", update: "±", delete: "-" } as const;

/** One block per Kustomization that has something to say, the sum at the end. */
export function comparisonText(comparison: Comparison): string {
  const blocks = comparison.kustomizations.flatMap(kustomizationLines);
  const others = comparison.others.map(
    ({ kind, count }) => `? ${count} ${kind}${count === 1 ? "" : "s"} not compared: this version does not serve them`,
  );
  return `${[...blocks, ...others, summaryLine(comparison)].map(cleanLine).join("\n")}\n`;
}

export function comparisonJson(comparison: Comparison): string {
  const value = { summary: summarize(comparison), ...comparison };
  return `${cleanJson(JSON.stringify(value, (_key, each: unknown) => (typeof each === "bigint" ? each.toString() : each), 2))}\n`;
}

function kustomizationLines(one: KustomizationComparison): string[] {
  const details = [
    ...one.changes.flatMap(changeLines),
    ...one.kept.map(({ object, why }) => `    = ${object} left alone: ${why}`),
    ...one.notes.map((note) => `    ${note}`),
  ];
  const withFlux =
    one.failsWithFlux && one.verdict !== "same" ? [`    with Flux: ${shortened(one.fluxMessage ?? "")}`] : [];
  return [headline(one), ...details, ...(one.verdict === "suspended" ? [] : withFlux)];
}

function headline(one: KustomizationComparison): string {
  const name = `${one.namespace}/${one.name}`;
  const why = one.problem ? shortened(one.problem.message) : "";
  switch (one.verdict) {
    case "same":
      return `✔ ${name}: ${count(one.objects, "object")}, 0 would change`;
    case "changes":
      return `► ${name}: ${count(one.objects, "object")}, ${one.changes.length} would change`;
    case "suspended":
      return `✔ ${name}: suspended, left as it is with ${count(one.objects, "object")}`;
    case "fails":
      return one.failsWithFlux
        ? `✔ ${name}: fails as it does with Flux, nothing would change: ${why}`
        : `► ${name}: would fail, and does not with Flux: ${why}`;
    case "unsupported":
      return `? ${name}: not compared, ${count(one.objects, "object")}: ${why}`;
    case "unknown":
      return `? ${name}: could not be compared: ${why}${one.problem?.hint === undefined ? "" : `. ${one.problem.hint}`}`;
  }
}

function changeLines(change: ObjectChange): string[] {
  const shown = change.fields.slice(0, MAX_FIELDS);
  const more =
    change.fields.length > MAX_FIELDS ? [`        and ${change.fields.length - MAX_FIELDS} more fields`] : [];
  const fields = shown.map(({ path, live, desired, owners }) => {
    const values = live === undefined && desired === undefined ? "" : `: ${valueText(live)} → ${valueText(desired)}`;
    return `        ${path}${values}${owners.length > 0 ? ` (${owners.join(", ")})` : ""}`;
  });
  return [`    ${SIGNS[change.action]} ${change.object}: ${change.why}`, ...fields, ...more];
}

function valueText(value: JsonValue | undefined): string {
  if (value === undefined) return "nothing";
  return shortened(
    JSON.stringify(value, (_key, each: unknown) => (typeof each === "bigint" ? each.toString() : each)),
    MAX_VALUE,
  );
}

function summaryLine(comparison: Comparison): string {
  const { kustomizations, objects, wouldChange, wouldFail, suspended } = summarize(comparison);
  const parts = [
    `${count(objects, "object")} of ${count(kustomizations, "Kustomization")}, ${wouldChange} would change`,
  ];
  if (wouldFail > 0) parts.push(`${count(wouldFail, "Kustomization")} would fail`);
  if (suspended > 0) parts.push(`${suspended} suspended`);
  const unsaid = unsaidText(comparison);
  return [...parts, ...(unsaid === "" ? [] : [`not compared: ${unsaid}`])].join("; ");
}

function unsaidText({ kustomizations, others }: Comparison): string {
  const verdicts = ["unsupported", "unknown"];
  const left = kustomizations.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const all: OtherKind[] = [{ kind: "Kustomization", count: left }, ...others];
  return all
    .filter((one) => one.count > 0)
    .map((one) => count(one.count, one.kind))
    .join(", ");
}

function count(number: number, what: string): string {
  const plural = what.endsWith("y") ? `${what.slice(0, -1)}ies` : `${what}s`;
  return `${number} ${number === 1 ? what : plural}`;
}

function shortened(text: string, limit = MAX_MESSAGE): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
