// The table of windows and what stands below it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject, Manifest } from "@plumbline/core/model";
import { foundWindow, windowAt } from "./found-window.ts";
import { operatorRemark } from "./operator-remark.ts";
import { windowTable } from "./window-table.ts";

const now = Date.parse("2026-11-21T12:00:00Z"); // a Saturday

function shown(name: string, spec: JsonObject, status: JsonObject = {}): string {
  const manifest: Manifest = {
    apiVersion: "plumbline.io/v1alpha1",
    kind: "MaintenanceWindow",
    metadata: { name, namespace: "plant", generation: 2 },
    spec: { timeZone: "Europe/Stockholm", schedules: [{ open: "0 8 * * MON", duration: "8h" }], ...spec },
    status,
  };
  return windowTable([windowAt(foundWindow(manifest), now)], operatorRemark);
}

const closed = { observedGeneration: 2, state: "Closed", heldCount: 3 };

test("a window whose operator agrees is one row", () => {
  assert.equal(
    shown("weekdays", {}, closed),
    "NAME       SCOPE   STATE    SINCE              NEXT OPEN          NEXT CLOSE         HELD   ZONE\n" +
      "weekdays   plant   closed   Mon 16 Nov 16:00   Mon 23 Nov 08:00   Mon 23 Nov 16:00   3      Europe/Stockholm\n",
  );
});

const rows: [string, JsonObject, JsonObject, RegExp][] = [
  ["no operator", {}, {}, /\n\nw: no operator has read it: is one running\?\n$/],
  ["an old spec", {}, { ...closed, observedGeneration: 1 }, /\n\nw: the operator has not read its newest spec yet\n$/],
  [
    "another opinion",
    {},
    { ...closed, state: "Open" },
    /\n\nw: the operator says it is open: is it running, and are both clocks right\?\n$/,
  ],
  [
    "a freeze",
    { freezes: [{ from: "2026-11-20", to: "2026-11-22", reason: "inventory" }] },
    closed,
    /frozen .*\n\nw: frozen until Mon 23 Nov 00:00 \(inventory\)\n$/,
  ],
  [
    "a mistake",
    { timeZone: "Mars/Base" },
    closed,
    /stalled {3}- .*\n\n✗ MaintenanceWindow\/plant\/w: spec\.timeZone: unknown time zone "Mars\/Base"\. Give an IANA name/,
  ],
];
for (const [name, spec, status, expected] of rows) {
  test(`below the table: ${name}`, () => assert.match(shown("w", spec, status), expected));
}
