// A site whose wall clock is moved by the test, with windows.

import { type Manifest, type ObjectRef, dig, digString, isObject, type JsonObject } from "@plumbline/core/model";
import { type MovableClock, movableClock } from "@plumbline/testkit/clock";
import type { TestHooks } from "@plumbline/testkit/control-plane";
import { eventually } from "./eventually.ts";
import { conditionOf, openSite, type Site } from "./site.ts";

/** A Thursday at noon. */
export const noon = "2026-01-15T12:00:00Z";
/** The opening of `nights` that follows, and its closing. */
export const opening = "2026-01-15T22:00:00Z";
export const closing = "2026-01-16T06:00:00Z";

/** Open from 22:00 for 8 hours; Deployments wait for it. */
export const nights: JsonObject = {
  timeZone: "UTC",
  schedules: [{ open: "0 22 * * *", duration: "8h" }],
  selects: { resources: [{ group: "apps", kind: "Deployment" }] },
};

export interface WindowSite extends Site {
  clock: MovableClock;
  /** Creates or changes a MaintenanceWindow of the site and waits until the operator has told of it in its status. */
  window(name: string, spec: JsonObject): Promise<Manifest>;
  windowStatus(name: string): Promise<JsonObject>;
  deleteWindow(name: string): Promise<void>;
  /** `app`, as soon as it says that it holds something of this commit. */
  held(commit: string, name?: string): Promise<Manifest>;
  image(deployment: string): Promise<string | undefined>;
  value(configMap: string): Promise<string | undefined>;
}

export function windowRef(site: Site, name: string): ObjectRef {
  return {
    group: "plumbline.io",
    version: "v1alpha1",
    kind: "MaintenanceWindow",
    namespace: site.namespace,
    name,
  };
}

export async function openWindowSite(
  test: TestHooks,
  options: Parameters<typeof openSite>[1] = {},
): Promise<WindowSite> {
  const clock = movableClock(noon);
  const site = await openSite(test, { clock, ...options });
  const ref = (kind: string, name: string, group = ""): ObjectRef => ({
    group,
    version: "v1",
    kind,
    namespace: site.namespace,
    name,
  });
  const statusOf = async (name: string): Promise<JsonObject> => {
    const { status } = await site.client.get(windowRef(site, name));
    return isObject(status) ? status : {};
  };
  // The site's operator changes at a restart: its getter must stay one.
  return Object.assign(Object.create(site) as Site, {
    clock,
    window: async (name: string, spec: JsonObject) => {
      const { namespace } = site;
      const object = await site.apply({
        apiVersion: "plumbline.io/v1alpha1",
        kind: "MaintenanceWindow",
        metadata: { name, namespace },
        spec,
      });
      const generation = dig(object, "metadata", "generation");
      await eventually(
        "the status of the window",
        async () => (await statusOf(name)).observedGeneration === generation,
      );
      return await site.client.get(windowRef(site, name));
    },
    windowStatus: statusOf,
    deleteWindow: async (name: string) => void (await site.client.delete(windowRef(site, name))),
    held: (commit: string, name = "app") =>
      site.ready(name, ({ reason }, object) => {
        const held = conditionOf(object, "Held");
        return reason !== "Progressing" && held?.status === "True" && held.message.includes(commit);
      }),
    image: async (name: string) => {
      const found = await site.client.find(ref("Deployment", name, "apps"));
      const containers = found && dig(found, "spec", "template", "spec", "containers");
      return Array.isArray(containers) ? digString(containers[0], "image") : undefined;
    },
    value: async (name: string) => {
      const found = await site.client.find(ref("ConfigMap", name));
      return found && digString(found, "data", "value");
    },
  });
}
