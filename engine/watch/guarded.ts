// What an object of the cluster makes our own code throw must end neither its watch nor the process.

import { asFailure, digString } from "@plumbline/core/model";
import type { KubeEvent, Log } from "../ports/index.ts";

/** The handler with whatever it throws logged: the object is passed over, its next event comes all the same. */
export function guarded<T extends unknown[]>(
  on: (event: KubeEvent, ...rest: T) => void,
  log: Log,
): (event: KubeEvent, ...rest: T) => void {
  return (event, ...rest) => {
    try {
      on(event, ...rest);
    } catch (error) {
      const { message } = asFailure(error);
      log.error("an event could not be taken in", { event: event.type, object: nameOf(event), error: message });
    }
  };
}

function nameOf(event: KubeEvent): string {
  if (!("object" in event)) return "";
  const at = (...path: string[]): string => digString(event.object, ...path) ?? "";
  return `${at("kind")}/${at("metadata", "namespace")}/${at("metadata", "name")}`;
}
