// Tries every row of windows on an API server, as dry-runs.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type CrdDefinition, crdOf } from "@plumbline/core/crd";
import { formatFailure, type Manifest } from "@plumbline/core/model";
import type { KubeClient } from "@plumbline/edges/kube";
import { clusterMaintenanceWindowDefinition, maintenanceWindowDefinition } from "../crds/window-definitions.ts";
import { windowRows } from "./window-rows.ts";

const definitions = [maintenanceWindowDefinition, clusterMaintenanceWindowDefinition];
const mine = { fieldManager: "plumbline-test", force: true };

/** Installs the definitions and asserts for each row that it is refused with the words it says, or accepted. */
export async function checkAdmission(client: KubeClient): Promise<void> {
  for (const definition of definitions) {
    await client.apply(crdOf(definition), mine);
    await untilServed(client, definition);
    for (const { name, spec, refused } of windowRows) {
      const window: Manifest = {
        apiVersion: `${definition.group}/${definition.version}`,
        kind: definition.kind,
        metadata: { name: "tried", ...(definition.scope === "Cluster" ? {} : { namespace: "default" }) },
        spec,
      };
      const work = client.apply(window, { ...mine, dryRun: true });
      const label = `${definition.kind}, ${name}`;
      if (refused) await assert.rejects(work, refused, label);
      else await work.catch((error: Error) => assert.fail(`${label}: ${formatFailure(error as never)}`));
    }
  }
}

async function untilServed(client: KubeClient, definition: CrdDefinition): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    await client.discovery.refresh();
    if (await client.discovery.find({ group: definition.group, kind: definition.kind })) return;
    await sleep(50);
  }
  assert.fail(`${definition.kind} is not served`);
}
