// A failure as the text of a condition on the object that it is about.

import {
  cleanText,
  type Failure,
  formatRef,
  formatWhere,
  type Manifest,
  refOf,
  type Where,
} from "@plumbline/core/model";

/**
 * Place, message and next step on one line. The object itself is not named, since the text stands in its own status,
 * and no part of the place that the message starts with is said twice. Control characters out of manifests become spaces.
 */
export function failureText(failure: Failure, owner: Manifest): string {
  const where: Where = { ...failure.where };
  if (where.object === formatRef(refOf(owner))) delete where.object;
  if (where.field !== undefined && failure.message.includes(where.field)) delete where.field;
  if (where.object !== undefined && failure.message.includes(where.object)) delete where.object;
  const place = formatWhere(where);
  const text = place === "" || failure.message.startsWith(place) ? failure.message : `${place}: ${failure.message}`;
  return cleanText(failure.hint === undefined ? text : `${text.replace(/\.$/u, "")}. ${failure.hint}`);
}
