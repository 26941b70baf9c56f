// Why an object would be written: which fields, whose they are, and by which rule.

import {
  type Change,
  type JsonObject,
  type JsonValue,
  type Manifest,
  equalJson,
  isObject,
} from "@plumbline/core/model";
import { entriesOf, findEntry, formatPath } from "@plumbline/core/ownership";
import { type FieldDifference, changedFields, takenOverManagers } from "@plumbline/core/plan";
import { type AsDesiredRules, ownDifferences } from "../delivery/as-desired.ts";

/** By whose rule an object changes. */
export type ChangeRule =
  /** It is in Git and not in the cluster. */
  | "new"
  /** Another field manager set a field that Git sets: a forced server-side apply takes it back. */
  | "field manager"
  /** A value of ours is not as in Git. */
  | "value"
  /** A field that Git has is not ours yet, or one that Git dropped still is. */
  | "ownership"
  /** Nothing of it was ever applied by Flux: it is adopted. */
  | "adoption"
  /** Fields of kubectl users and older managers become ours, so that what Git drops goes away. */
  | "takeover"
  /** It is in the inventory and no longer in Git. */
  | "prune";

export interface ChangedField {
  /** `.spec.template.spec.containers[name="web"].image` */
  path: string;
  kind: FieldDifference["kind"];
  /** In the cluster; undefined where it is not set. Of Secrets these may be secret: mask them before they are shown. */
  live: JsonValue | undefined;
  desired: JsonValue | undefined;
  /** Managers other than ours that own it. */
  owners: string[];
}

export interface Explained {
  rule: ChangeRule;
  why: string;
  fields: ChangedField[];
}

/** Explains a `create`, `update` or `delete`. */
export function explainChange(change: Change, live: Manifest | undefined, rules: AsDesiredRules): Explained {
  if (change.action === "delete") return { rule: "prune", why: "in the inventory and no longer in Git", fields: [] };
  if (!live) return { rule: "new", why: "in Git and not in the cluster", fields: [] };
  const { manager, override } = { manager: rules.dialect.managers.apply, override: rules.override };
  const desired = change.manifest ?? {};
  const ours = findEntry(live, manager, "Apply")?.fieldsV1;
  if (!ours) return adoption(desired, live);
  const found = ownDifferences(desired, live, ours, rules).flatMap((one) =>
    one.kind === "unowned" ? leaves(one) : [one],
  );
  const fields = found.map((one) => named(one, live, manager));
  const owners = [...new Set(fields.flatMap((field) => field.owners))];
  if (owners.length > 0) {
    const why = `${owners.join(", ")} set what Git sets too: a forced server-side apply takes it back`;
    return { rule: "field manager", why, fields };
  }
  if (fields.some(({ kind }) => kind === "value")) return { rule: "value", why: "not as Git says", fields };
  const taken = takenOverManagers(live, { manager, override });
  if (taken.length > 0) {
    return { rule: "takeover", why: `fields of ${taken.join(", ")} become those of ${manager}`, fields };
  }
  return { rule: "ownership", why: "Git has other fields than were applied last", fields };
}

function adoption(desired: Manifest, live: Manifest): Explained {
  const fields = changedFields(desired, live).map((path): ChangedField => {
    return { path: `.${path}`, kind: "unowned", live: undefined, desired: undefined, owners: [] };
  });
  return { rule: "adoption", why: "exists, and neither Flux nor Plumbline has applied it", fields };
}

function named(found: FieldDifference, live: Manifest, manager: string): ChangedField {
  const owners = entriesOf(live)
    .filter((entry) => !(entry.manager === manager && entry.operation === "Apply") && entry.subresource !== "status")
    .filter((entry) => hasField(entry.fieldsV1, found.elements))
    .map((entry) => entry.manager);
  const path = formatPath(found.elements);
  const before = sameKeys(found.live, found.desired);
  return { path, kind: found.kind, live: before, desired: found.desired, owners: [...new Set(owners)] };
}

/** Of a whole mapping only what Git has a word in: the rest is other people's. */
function sameKeys(live: JsonValue | undefined, desired: JsonValue | undefined): JsonValue | undefined {
  if (!isObject(live) || !isObject(desired)) return live;
  return Object.fromEntries(Object.entries(live).filter(([key]) => Object.hasOwn(desired, key)));
}

/** A mapping that is not ours as the fields in it that differ; as itself when none does. */
function leaves(found: FieldDifference): FieldDifference[] {
  const { desired, live, elements } = found;
  if (!isObject(desired) || !isObject(live)) return [found];
  const below = Object.entries(desired)
    .filter(([key, value]) => !equalJson(value, live[key]))
    .flatMap(([key, value]) =>
      leaves({ ...found, elements: [...elements, `f:${key}`], desired: value, live: live[key] }),
    );
  return below.length > 0 ? below : [found];
}

function hasField(fields: JsonObject, elements: readonly string[]): boolean {
  let at: JsonValue | undefined = fields;
  for (const element of elements) {
    if (!isObject(at) || !Object.hasOwn(at, element)) return false;
    at = at[element];
  }
  return true;
}
