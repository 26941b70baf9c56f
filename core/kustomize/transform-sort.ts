// The order of the output: as accumulated, or by kind.

import { compareUtf8 } from "@plumbline/core/yaml";
import { buildFailure } from "./failures.ts";
import { equalGvk, formatGvk } from "./gvk.ts";
import { gvkSortText, ORDER_FIRST, ORDER_LAST, rankKinds } from "./kind-order.ts";
import type { SortSettings } from "./kustomization.ts";
import type { Resource } from "./resource.ts";
import type { Transform } from "./transform.ts";

function sortFailure(message: string): Error {
  return buildFailure(message, { field: "sortOptions" }, "Correct sortOptions.");
}

export function sortTransform(settings: Partial<SortSettings> | undefined): Transform {
  return { name: "SortOrderTransformer", run: (resources) => sortResources(resources, settings) };
}

/** `legacy` sorts by kind, then group, version, kind, namespace and name; `fifo` leaves the order. */
export function sortResources(
  resources: readonly Resource[],
  settings: Partial<SortSettings> = { order: "fifo" },
): readonly Resource[] {
  const { order = "", legacySortOptions } = settings;
  if (order !== "fifo" && order !== "legacy") {
    throw sortFailure("the field 'sortOptions.order' must be one of [fifo, legacy]");
  }
  if (order === "fifo") {
    if (!legacySortOptions) return resources;
    throw sortFailure("'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'");
  }
  const ranks = legacySortOptions
    ? rankKinds(legacySortOptions.orderFirst ?? [], legacySortOptions.orderLast ?? [])
    : rankKinds(ORDER_FIRST, ORDER_LAST);
  return sortLegacy(resources, ranks);
}

function sortLegacy(resources: readonly Resource[], ranks: ReadonlyMap<string, number>): readonly Resource[] {
  const rows = resources.map((resource) => ({
    resource,
    rank: ranks.get(resource.id.kind) ?? 0,
    kindText: gvkSortText(resource.id),
    idText: `${formatGvk(resource.id)}|${resource.id.namespace || "~X"}|${resource.id.name || "~N"}`,
  }));
  rows.sort((a, b) => {
    const x = a.resource.id;
    const y = b.resource.id;
    if (equalGvk(x, y)) return compareUtf8(a.idText, b.idText);
    if (a.rank !== b.rank) return a.rank - b.rank;
    const sign = x.kind === "Namespace" && y.kind === "Namespace" && (x.group === "" || y.group === "") ? -1 : 1;
    return sign * compareUtf8(a.kindText, b.kindText);
  });
  return rows.map((row) => row.resource);
}
