// What the operator asked of the API server.

import type { AuditEvent } from "@plumbline/testkit/control-plane";
import type { Site } from "./open-site.ts";

/** Since the last reading, told apart from the bench's own by the user agent. The site was opened with `audit`. */
export async function operatorRequests(site: Site): Promise<AuditEvent[]> {
  if (!site.plane.audit) throw new RangeError("the site has no audit log");
  const events = await site.plane.audit.read({ userAgent: "plumb" });
  return events.filter((event) => event.userAgent !== "plumbline-testkit");
}
