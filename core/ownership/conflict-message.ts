// The words of a server-side apply conflict, as a Kubernetes API server answers it.
// Facts: k8s.io/apimachinery pkg/util/managedfields/internal/conflict.go.

import type { Ownership } from "./managed-fields.ts";
import type { OwnershipConflict } from "./manage.ts";
import { formatPath } from "./path-element.ts";

export interface ConflictCause {
  readonly reason: "FieldManagerConflict";
  /** `conflict with "manager" using v1` */
  readonly message: string;
  /** `.spec.replicas` */
  readonly field: string;
}

/** One cause per conflict, as in `status.details.causes`. */
export function conflictCauses(conflicts: readonly OwnershipConflict[]): ConflictCause[] {
  return sorted(conflicts).map(({ owner, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${formatOwner(owner)}`,
    field: formatPath(path),
  }));
}

/** The message of the 409 answer. */
export function conflictMessage(conflicts: readonly OwnershipConflict[]): string {
  const list = sorted(conflicts);
  const [only] = list;
  if (list.length === 1 && only) {
    return `Apply failed with 1 conflict: conflict with ${formatOwner(only.owner)}: ${formatPath(only.path)}`;
  }
  const lines: string[] = [];
  let owner = "";
  for (const conflict of list) {
    const name = formatOwner(conflict.owner);
    if (name !== owner) lines.push(`conflicts with ${name}:`);
    owner = name;
    lines.push(`- ${formatPath(conflict.path)}`);
  }
  return `Apply failed with ${list.length} conflicts: ${lines.join("\n")}`;
}

function sorted(conflicts: readonly OwnershipConflict[]): OwnershipConflict[] {
  return conflicts.toSorted((a, b) => {
    const left = sortKey(a.owner);
    const right = sortKey(b.owner);
    return left < right ? -1 : left > right ? 1 : 0;
  });
}

/** Kubernetes sorts by the text of its manager identifiers, in which a subresource comes before none. */
function sortKey(owner: Ownership): string {
  const id = { manager: owner.manager, operation: owner.operation };
  const version = owner.operation === "Apply" ? {} : { apiVersion: owner.apiVersion };
  const subresource = owner.subresource === "" ? {} : { subresource: owner.subresource };
  return JSON.stringify({ ...id, ...version, ...subresource });
}

function formatOwner(owner: Ownership): string {
  let text = JSON.stringify(owner.manager);
  if (owner.subresource !== "") text += ` with subresource ${JSON.stringify(owner.subresource)}`;
  return owner.operation === "Apply" ? text : `${text} using ${owner.apiVersion}`;
}
