// Where the operator's view of a window is another than what its spec says now.

import { dig, digString } from "@plumbline/core/model";
import type { WindowAt } from "./found-window.ts";

/** Undefined when they agree. Meant for windows of a cluster, looked at now. */
export function operatorRemark(at: WindowAt): string | undefined {
  const { manifest } = at.found;
  const generation = dig(manifest, "metadata", "generation");
  const observed = dig(manifest, "status", "observedGeneration");
  if (observed === undefined) return "no operator has read it: is one running?";
  if (observed !== generation) return "the operator has not read its newest spec yet";
  const says = digString(manifest, "status", "state")?.toLowerCase();
  const is = at.word === "open" ? "open" : "closed";
  if (says === is) return undefined;
  return `the operator says it is ${says ?? "unknown"}: is it running, and are both clocks right?`;
}
