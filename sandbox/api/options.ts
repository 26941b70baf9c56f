// Options in the query of a write.

import { badRequest, invalid, invalidValue, requiredValue, unsupportedValue } from "./refusal.ts";
import type { FieldValidation, ResourceCall, WriteOptions } from "./world.ts";

const maxManagerLength = 128;

/** Reads dryRun, fieldManager and fieldValidation; throws a `Refusal` for values no server takes. */
export function writeOptions(call: ResourceCall, kind: string): WriteOptions {
  const target = { group: "meta.k8s.io", plural: "", kind };
  const dryRuns = call.query.getAll("dryRun");
  if (dryRuns.some((value) => value !== "All")) {
    const shown = JSON.stringify(dryRuns).replaceAll('","', '" "');
    throw invalid(target, "", [unsupportedValue("dryRun", shown, ["All"])]);
  }
  const manager = call.query.get("fieldManager") ?? "";
  if (manager.length > maxManagerLength) {
    throw invalid(target, "", [
      invalidValue("fieldManager", JSON.stringify(manager), `may not be more than ${maxManagerLength} bytes`),
    ]);
  }
  const validation = call.query.get("fieldValidation") ?? "";
  const known: readonly FieldValidation[] = ["Ignore", "Warn", "Strict"];
  const fieldValidation = known.find((value) => value === validation) ?? (validation === "" ? "Warn" : undefined);
  if (!fieldValidation) {
    throw invalid(target, "", [unsupportedValue("fieldValidation", JSON.stringify(validation), ["", ...known])]);
  }
  return { dryRun: dryRuns.length > 0, fieldManager: manager || agentName(call.agent), fieldValidation };
}

/** The part of the user agent before the slash. */
function agentName(agent: string): string {
  const name = agent.split("/")[0] ?? "";
  return name.slice(0, maxManagerLength);
}

/** `force` and the manager's name of an apply. */
export function applyOptions(call: ResourceCall): { manager: string; force: boolean } {
  const manager = call.query.get("fieldManager") ?? "";
  if (manager === "") {
    const target = { group: "meta.k8s.io", plural: "", kind: "PatchOptions" };
    throw invalid(target, "", [requiredValue("fieldManager", "is required for apply patch")]);
  }
  return { manager, force: booleanQuery(call.query, "force") };
}

export function booleanQuery(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  if (value === null || value === "false" || value === "0") return false;
  if (value === "" || value === "true" || value === "1") return true;
  throw badRequest(`invalid value for ${name}: ${JSON.stringify(value)}`);
}
