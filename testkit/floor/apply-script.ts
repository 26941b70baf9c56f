// What delivering one application costs at least, as a script for `sendFloor`.

import { type JsonObject, type Manifest, OWN_GROUP } from "@plumbline/core/model";
import type { FloorRequest, FloorScript } from "./send-floor.ts";

export interface AppliedObject {
  /** `/apis/apps/v1/namespaces/bench/deployments/web` */
  path: string;
  manifest: Manifest;
}

export interface FloorApp {
  objects: readonly AppliedObject[];
  /** The custom resource that asks for them, which exists already. */
  delivery: { path: string; namespace: string; name: string; status: JsonObject };
  /** Dry-run every object before the first is written, as half a release is worse than none. */
  dryRuns?: boolean;
  /** Also add a finalizer first, and report with two Events. */
  finalizerAndEvents?: boolean;
}

const fieldManager = "plumbline-floor";

/** The dry-runs together, then the applies one after another, then one write of status. */
export function applyScript(app: FloorApp): FloorScript {
  const apply = (object: AppliedObject, dryRun: boolean): FloorRequest => ({
    method: "PATCH",
    path: `${object.path}?fieldManager=${fieldManager}&force=true${dryRun ? "&dryRun=All" : ""}`,
    contentType: "application/apply-patch+yaml",
    body: JSON.stringify(object.manifest),
  });
  return [
    ...(app.finalizerAndEvents
      ? [[merge(app.delivery.path, { metadata: { finalizers: [`${OWN_GROUP}/floor`] } })]]
      : []),
    ...(app.dryRuns ? [app.objects.map((object) => apply(object, true))] : []),
    ...app.objects.map((object) => [apply(object, false)]),
    [merge(statusPath(app.delivery.path), { status: app.delivery.status })],
    ...(app.finalizerAndEvents ? [[event(app, "Applied"), event(app, "Ready")]] : []),
  ];
}

export function statusPath(path: string): string {
  return `${path}/status`;
}

function merge(path: string, patch: JsonObject): FloorRequest {
  return {
    method: "PATCH",
    path: `${path}?fieldManager=${fieldManager}`,
    contentType: "application/merge-patch+json",
    body: JSON.stringify(patch),
  };
}

function event({ delivery }: FloorApp, reason: string): FloorRequest {
  const body = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { generateName: `${delivery.name}.`, namespace: delivery.namespace },
    involvedObject: { namespace: delivery.namespace, name: delivery.name },
    reason,
    message: "as an operator reports it",
    type: "Normal",
    source: { component: fieldManager },
  };
  return {
    method: "POST",
    path: `/api/v1/namespaces/${delivery.namespace}/events`,
    contentType: "application/json",
    body: JSON.stringify(body),
  };
}
