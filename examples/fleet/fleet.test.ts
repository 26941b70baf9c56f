// The sample fleet builds: every Kustomization in it, with the variables it gives.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { buildDelivery } from "@plumbline/core/build";
import {
  type Delivery,
  digString,
  type FileTree,
  formatRef,
  type Manifest,
  memoryTree,
  refOf,
} from "@plumbline/core/model";
import { parseYamlAll } from "@plumbline/core/yaml";
import { readGitRepository, readKustomization } from "@plumbline/dialects/flux";

const folder = import.meta.dirname;
const sites = ["hall-north", "hall-south"];
/** What the demo, and whoever copies the folder, replaces. */
const placeholder = "https://git.example.com/fleet.git";

function fleet(): FileTree {
  const files = globSync("**/*.yaml", { cwd: folder });
  return memoryTree(Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), "utf8")])));
}

function build(delivery: Delivery): Manifest[] {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  return buildDelivery(fleet(), delivery, { variables: delivery.substitution?.inline, sha256 }).manifests;
}

/** The delivery that a visitor applies by hand, and those that come from it. */
function deliveriesOf(site: string): Delivery[] {
  const first = parseYamlAll(readFileSync(join(folder, "clusters", site, "sync.yaml"), "utf8"))
    .map((document) => document.value as Manifest)
    .find((manifest) => manifest.kind === "Kustomization");
  assert.ok(first);
  const root = readKustomization(first);
  assert.equal(root.build.path, `./clusters/${site}`);
  return build(root)
    .filter((manifest) => manifest.kind === "Kustomization")
    .map(readKustomization);
}

for (const site of sites) {
  test(`${site}: the first Kustomization keeps itself, its source and the others`, () => {
    const deliveries = deliveriesOf(site);
    assert.deepEqual(deliveries.map((delivery) => delivery.origin.name).sort(), ["infra", "line", "site"]);
    const line = deliveries.find((delivery) => delivery.origin.name === "line");
    assert.deepEqual(
      line?.dependsOn.map((dependency) => dependency.name),
      ["infra"],
    );
    const site_ = deliveries.find((delivery) => delivery.origin.name === "site");
    assert.ok(site_);
    const source = build(site_).find((manifest) => manifest.kind === "GitRepository");
    assert.ok(source);
    assert.equal(readGitRepository(source).url, placeholder);
  });

  test(`${site}: every Kustomization builds to objects with the site's own values`, () => {
    const objects = new Map<string, Manifest>();
    for (const delivery of deliveriesOf(site)) {
      for (const manifest of build(delivery))
        objects.set(formatRef(refOf(manifest)).replace(/-[a-z0-9]{10}$/u, ""), manifest);
    }
    const names = [...objects.keys()].sort();
    assert.deepEqual(names, [
      "ConfigMap/line/alarm-texts",
      "ConfigMap/line/press-control",
      "ConfigMap/telemetry/forwarder",
      "Deployment/line/line-dashboard",
      "Deployment/line/press-control",
      "Deployment/telemetry/forwarder",
      "GitRepository/flux-system/fleet",
      "Kustomization/flux-system/infra",
      "Kustomization/flux-system/line",
      "Kustomization/flux-system/site",
      "Namespace/line",
      "Namespace/telemetry",
      "Service/line/line-dashboard",
      "Service/line/press-control",
      "Service/telemetry/forwarder",
    ]);
    const forwarder = objects.get("ConfigMap/telemetry/forwarder");
    assert.equal(digString(forwarder, "data", "site"), site);
    assert.equal(digString(forwarder, "data", "level"), site === "hall-south" ? "debug" : "info");
    assert.equal(digString(forwarder, "data", "target"), "https://telemetry.example.com/${SITE}");
    const control = objects.get("ConfigMap/line/press-control");
    assert.equal(digString(control, "data", "presses"), site === "hall-north" ? "2" : "1");
    assert.equal(digString(control, "metadata", "labels", "site"), site);
  });
}

test("the address of the repository stands once per site, so that it is replaced in one place", () => {
  const files = globSync("**/*.yaml", { cwd: folder });
  const holding = files.filter((path) => readFileSync(join(folder, path), "utf8").includes(placeholder));
  assert.deepEqual(
    holding.sort(),
    sites.map((site) => join("clusters", site, "sync.yaml")),
  );
});
