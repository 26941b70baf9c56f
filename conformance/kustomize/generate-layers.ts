// Random layers over one catalogue of objects: a base, two variants of it, components, an overlay over all.

import fc from "fast-check";
import { toYaml } from "@plumbline/core/yaml";
import type { GeneratedFiles } from "./generate.ts";
import { catalogue, type ObjectName, objectNames } from "./layered-objects.ts";
import { type Layer, type Move, move } from "./layered-moves.ts";

const moves = (maxLength: number): fc.Arbitrary<Move[]> => fc.array(move, { maxLength });

/** A component has none of these. */
const NOT_IN_COMPONENTS = ["buildMetadata", "sortOptions"];
/** A schema that comes after other objects is in the skip table. */
const MAY_HAVE_SCHEMA = ["base", "overlay"];

function write(files: GeneratedFiles, directory: string, start: Layer["settings"], all: readonly Move[]): void {
  const layer: Layer = { settings: { ...start }, files: {} };
  for (const each of all) each(layer);
  if (start["kind"] === "Component") for (const field of NOT_IN_COMPONENTS) delete layer.settings[field];
  if (!MAY_HAVE_SCHEMA.includes(directory)) delete layer.settings["openapi"];
  for (const [name, text] of Object.entries(layer.files)) files[`${directory}/${name}`] = text;
  files[`${directory}/kustomization.yaml`] = toYaml(layer.settings);
}

const component = {
  commonAnnotations: { by: "component" },
  apiVersion: "kustomize.config.k8s.io/v1alpha1",
  kind: "Component",
};

/** Most moves aim at these. */
const ALWAYS: readonly ObjectName[] = ["deployment", "stateful", "service", "config", "widget", "pull"];
/** Not renamed by affixes: two variants would both have them. */
const ONCE: readonly ObjectName[] = ["definition", "space"];

/** Cases of which kustomize accepts most. */
export const layeredFiles: fc.Arbitrary<GeneratedFiles> = fc
  .record({
    objects: fc.subarray(objectNames.filter((name) => !ALWAYS.includes(name))),
    isGenerating: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
    base: moves(2),
    first: moves(3),
    second: fc.option(moves(3), { nil: undefined }),
    component: fc.option(fc.array(move, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    overlay: moves(4),
  })
  .map((value) => {
    const files: GeneratedFiles = {};
    const names = [...ALWAYS, ...value.objects].filter((name) => !value.second || !ONCE.includes(name));
    const objects = names.map((name) => catalogue[name]);
    const half = Math.ceil(objects.length / 2);
    files["base/objects.yaml"] = objects.slice(0, half).join("---\n");
    files["base/more/objects.yaml"] = `---\n${objects.slice(half).join("---\n")}---\n# nothing\n`;
    const generators = {
      configMapGenerator: [{ name: "settings", literals: ["LEVEL=info", "KEEP=1"] }],
      secretGenerator: [{ name: "keys", literals: ["token=secret"], type: "Opaque" }],
    };
    write(
      files,
      "base",
      { resources: ["objects.yaml", "more/objects.yaml"], ...(value.isGenerating ? generators : {}) },
      value.base,
    );
    write(files, "first", { resources: ["../base"], namePrefix: "one-" }, value.first);
    if (value.second) write(files, "second", { resources: ["../base"], nameSuffix: "-two" }, value.second);
    if (value.component) write(files, "component", component, value.component);
    const resources = value.second ? ["../first", "../second"] : ["../first"];
    const components = value.component ? { components: ["../component"] } : {};
    write(files, "overlay", { resources, ...components }, value.overlay);
    return files;
  });
