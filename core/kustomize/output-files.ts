// One file per object, named as `kustomize build --output <directory>` names them.

import { digString, type Manifest } from "@plumbline/core/model";
import { effectiveNamespace, splitApiVersion } from "./gvk.ts";

/** One object of a build's output. */
export interface BuiltObject {
  readonly manifest: Manifest;
  /** Its YAML document, with a newline at the end. */
  readonly yaml: string;
  readonly clusterScoped: boolean;
}

/**
 * File names and contents: `group_version_kind_name.yaml` in lower case; namespaced objects get their namespace in front
 * when the output has several. Names that would leave the directory are made harmless.
 */
export function outputFiles(objects: readonly BuiltObject[]): Map<string, string> {
  const namespaceOf = ({ manifest, clusterScoped }: BuiltObject): string =>
    effectiveNamespace(clusterScoped, digString(manifest, "metadata", "namespace") ?? "");
  const namespaces = new Set(objects.filter((each) => !each.clusterScoped).map(namespaceOf));
  const files = new Map<string, string>();
  for (const object of objects) {
    const { manifest } = object;
    const { group, version } = splitApiVersion(digString(manifest, "apiVersion") ?? "");
    const parts = [group, version, digString(manifest, "kind") ?? ""].filter((part) => part !== "");
    const name = [...parts, digString(manifest, "metadata", "name") ?? ""].join("_");
    const prefix = !object.clusterScoped && namespaces.size > 1 ? `${namespaceOf(object)}_` : "";
    files.set(`${(prefix + name).toLowerCase().replaceAll("/", "_")}.yaml`, object.yaml);
  }
  return files;
}
