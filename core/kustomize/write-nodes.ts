// Placeholder for YAML text inside YAML; replaced below.
import { toYaml } from "@plumbline/core/yaml";
import { jsonOf } from "./tree-json.ts";
import type { Tree } from "./tree.ts";

export function writeNodes(_source: string, tree: Tree): string {
  return toYaml(jsonOf(tree, "structured data"));
}
