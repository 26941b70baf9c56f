// A dialect object as its watch brings it, beside the answers that our own writes bring.

import {
  ALLOW_PRUNE_ANNOTATION,
  type Manifest,
  PRUNE_GUARD_ANNOTATION,
  dig,
  digString,
  equalJson,
  metadataMap,
} from "@plumbline/core/model";
import type { Dialect } from "../ports/index.ts";
import { resourceVersionOf } from "./managed-objects.ts";

/** Annotations of ours that a run acts on. */
const OWN_ANNOTATIONS = [PRUNE_GUARD_ANNOTATION, ALLOW_PRUNE_ANNOTATION];

/** Changes when the spec changed, deletion began, or a person asked for something; not when only the status did. */
export function marksOf(object: Manifest, dialect: Dialect): string {
  const generation = JSON.stringify(dig(object, "metadata", "generation") ?? 0);
  const deleted = digString(object, "metadata", "deletionTimestamp") ?? "";
  const annotations = metadataMap(object, "annotations");
  const own = OWN_ANNOTATIONS.map((name) => annotations[name] ?? "").join(" ");
  return `${generation} ${deleted} ${dialect.requestOf(object) ?? ""} ${own}`;
}

/** What is held of a dialect object. */
export interface SeenObject {
  /** As last seen or written, whichever is newer: its status is what the next status is compared with. */
  object: Manifest;
  /** The marks that were acted on. An answer to a write may show a newer spec first: its event still counts. */
  marks: string;
  /** As it was when its watch began to tell everything anew; undefined when all is told. */
  beforeRecount?: Manifest | undefined;
}

/** True for an object that is older than it was: a backup of the cluster was restored. */
export function isSetBack({ beforeRecount }: SeenObject, object: Manifest): boolean {
  if (!beforeRecount) return false;
  const isSame = digString(beforeRecount, "metadata", "uid") === digString(object, "metadata", "uid");
  return isSame && resourceVersionOf(object) < resourceVersionOf(beforeRecount);
}

/** The watch begins to tell everything anew: what is known of each is kept beside what it tells. */
export function startRecount(all: Iterable<SeenObject>): void {
  for (const held of all) held.beforeRecount = held.object;
}

/** All is told. Returns those of which a status that we had written is not there any more: it is to be told again. */
export function endRecount<T extends SeenObject>(all: Iterable<T>): T[] {
  return [...all].filter((held) => {
    const { beforeRecount, object } = held;
    held.beforeRecount = undefined;
    if (!beforeRecount || beforeRecount === object) return false;
    return OWN_STATUS.some((field) => !equalJson(dig(beforeRecount, "status", field), dig(object, "status", field)));
  });
}

/** What nobody else writes. */
const OWN_STATUS = ["inventory", "lastAppliedRevision", "artifact"];

/** Takes in an event; true when it asks for a run. An event older than the answer to our last write changes nothing. */
export function seeObject(held: SeenObject, object: Manifest, dialect: Dialect): boolean {
  if (isSetBack(held, object)) {
    held.object = object;
    held.marks = marksOf(object, dialect);
    return true;
  }
  const isSame = digString(held.object, "metadata", "uid") === digString(object, "metadata", "uid");
  const ahead = resourceVersionOf(object) - resourceVersionOf(held.object);
  // The same version is the same object, which was read already, unless the cluster counts anew.
  if (!isSame || ahead > 0 || (ahead === 0 && held.beforeRecount)) held.object = object;
  const marks = marksOf(held.object, dialect);
  if (marks === held.marks) return false;
  held.marks = marks;
  return true;
}
