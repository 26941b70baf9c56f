// Why an operator needs the rights that were computed for it.

import { cleanLine } from "@plumbline/core/model";
import { formatTable } from "../print/table.ts";
import type { RepositoryRights } from "./install-options.ts";
import type { RepositoryReading } from "./read-repository.ts";

/** Text for a terminal; ends in a line feed. */
export function rightsReport({ kustomizations, notes }: RepositoryReading, rights: RepositoryRights): string {
  const objects = kustomizations.reduce((sum, { manifests }) => sum + manifests.length, 0);
  const rows = rights.needed.map(({ resource, verbs, names, because }) => [
    names ? `${resource} ${names.join(",")}` : resource,
    verbs.join(","),
    because,
  ]);
  const accounts = rights.accounts.map((name) => ["serviceaccounts " + name, "impersonate", "spec.serviceAccountName"]);
  const lines = [...rights.warnings, ...notes].map((text) => `⚠ ${cleanLine(text)}\n`);
  return [
    `Rights for ${objects} objects of ${kustomizations.length} builds:\n\n`,
    formatTable(["resource", "verbs", "because of"], [...rows, ...accounts]),
    lines.length > 0 ? `\n${lines.join("")}` : "",
    "\nA kind that is new in Git needs this command again; until then its Kustomization names the missing right.\n\n",
  ].join("");
}
