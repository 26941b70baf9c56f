// Which changes a window selects.

import type { ChangeClass, NamedRef, ObjectRef } from "@plumbline/core/model";

export const changeClasses: readonly ChangeClass[] = ["Revision", "Drift", "Prune"];

export type Labels = Readonly<Record<string, string>>;

/** One change to one object, with the delivery that makes it. */
export interface GateChange {
  delivery: NamedRef & { labels: Labels };
  resource: Pick<ObjectRef, "group" | "kind" | "name"> & { labels: Labels };
  class: ChangeClass;
}

/** Every field given must be equal; labels must all be there. At least one field is given. */
export interface DeliverySelector {
  kind?: string;
  name?: string;
  namespace?: string;
  labels?: Labels;
}

/** As `DeliverySelector`; the core group is the empty string. */
export interface ResourceSelector {
  group?: string;
  kind?: string;
  name?: string;
  labels?: Labels;
}

/** A list left out does not narrow, an empty one selects nothing; all of them left out select nothing. */
export interface Selects {
  deliveries?: readonly DeliverySelector[];
  resources?: readonly ResourceSelector[];
  changes?: readonly ChangeClass[];
}

function hasLabels(wanted: Labels | undefined, labels: Labels): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}

function same(wanted: string | undefined, value: string): boolean {
  return wanted === undefined || wanted === value;
}

/** A selector without any condition selects nothing: one forgotten field must not hold a whole site. */
function isEmpty(selector: DeliverySelector | ResourceSelector): boolean {
  const { labels, ...names } = selector;
  return Object.keys(labels ?? {}).length === 0 && Object.values(names).every((value) => value === undefined);
}

function selectsDelivery(selector: DeliverySelector, delivery: GateChange["delivery"]): boolean {
  return (
    !isEmpty(selector) &&
    same(selector.kind, delivery.kind) &&
    same(selector.name, delivery.name) &&
    same(selector.namespace, delivery.namespace) &&
    hasLabels(selector.labels, delivery.labels)
  );
}

function selectsResource(selector: ResourceSelector, resource: GateChange["resource"]): boolean {
  return (
    !isEmpty(selector) &&
    same(selector.group, resource.group) &&
    same(selector.kind, resource.kind) &&
    same(selector.name, resource.name) &&
    hasLabels(selector.labels, resource.labels)
  );
}

/** Whether the selection takes the change; its namespace is the window's concern. */
export function selects(selection: Selects, change: GateChange): boolean {
  const { deliveries, resources, changes } = selection;
  if (!deliveries && !resources && !changes) return false;
  return (
    (!changes || changes.includes(change.class)) &&
    (!deliveries || deliveries.some((selector) => selectsDelivery(selector, change.delivery))) &&
    (!resources || resources.some((selector) => selectsResource(selector, change.resource)))
  );
}
