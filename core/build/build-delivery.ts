// Files and a delivery to the manifests that are applied (Flux: kustomize-controller's generate, build and labelling).

import { type BuildCache, build } from "@plumbline/core/kustomize";
import {
  type Delivery,
  digString,
  Failure,
  type FileTree,
  formatRef,
  isObject,
  type JsonObject,
  type JsonValue,
  type Manifest,
  own,
  type Reason,
  refOf,
  setOwn,
  type Variables,
} from "@plumbline/core/model";
import { substituteManifest } from "@plumbline/core/substitute";
import { toYaml } from "@plumbline/core/yaml";
import { deliveryFolder } from "./delivery-folder.ts";
import { generateKustomization } from "./generate-kustomization.ts";
import { withFile, withoutLinks } from "./visible-tree.ts";

export interface BuildInputs {
  /** All variables of the substitution, inline ones included; undefined when nothing is substituted. */
  variables: Variables | undefined;
  /** SHA-256 of a text's UTF-8 bytes, as lower-case hex. */
  sha256: (text: string) => string;
  /** Parsed files and finished builds, shared between calls. */
  cache?: BuildCache | undefined;
}

export interface BuiltDelivery {
  /** In the order of the build, with owner labels and common metadata. */
  manifests: Manifest[];
  /** `sha256:<hex>` of the built YAML before labels were added: what Flux records in `status.history`. */
  digest: string;
  /** Deprecated fields in use, as sentences. */
  warnings: readonly string[];
}

type DeliveryToBuild = Pick<Delivery, "origin" | "build" | "substitution">;

/**
 * Synchronous and pure; `NotLoaded` of the tree flies through. Symbolic links and submodules are not there, as in
 * Flux's artifacts. Throws ArtifactFailed for a path that does not exist, LimitExceeded for files made to exhaust us,
 * BuildFailed for everything else; each may be right again with the next revision, so that none of them is for good.
 */
export function buildDelivery(files: FileTree, delivery: DeliveryToBuild, inputs: BuildInputs): BuiltDelivery {
  try {
    return buildVisible(withoutLinks(files), delivery, inputs);
  } catch (thrown) {
    throw thrown instanceof Failure ? asBuildFailure(thrown) : thrown;
  }
}

function buildVisible(tree: FileTree, delivery: DeliveryToBuild, inputs: BuildInputs): BuiltDelivery {
  const folder = deliveryFolder(tree, delivery.build.path);
  const generated = generateKustomization(tree, folder, delivery.build);
  const { resources, yaml, warnings } = build(withFile(tree, generated.file, generated.text), folder, {
    sha256: inputs.sha256,
    cache: inputs.cache,
    loadRestrictions: "none",
    reorder: "none",
  });
  for (const manifest of resources) checkNamed(manifest);
  const substituted = substituteAll(resources, delivery, inputs);
  checkUnique(substituted);
  const text = substituted === resources ? yaml : substituted.map(toYaml).join("---\n");
  return {
    manifests: substituted
      .filter((manifest) => !isKustomizeConfig(manifest))
      .map((manifest) => labelled(manifest, delivery)),
    digest: `sha256:${inputs.sha256(text)}`,
    warnings,
  };
}

/** The same list when nothing is substituted at all. */
function substituteAll(
  manifests: readonly Manifest[],
  { substitution }: DeliveryToBuild,
  { variables }: BuildInputs,
): readonly Manifest[] {
  if (!substitution) return manifests;
  const always = substitution.strategy === "Always";
  const known = new Map(Object.entries(variables ?? {}));
  if (known.size === 0 && !always) return manifests;
  return manifests.map((manifest) => substituteManifest(manifest, known, { strict: true, always }));
}

function checkNamed(manifest: Manifest): void {
  const { kind, name } = refOf(manifest);
  if (kind !== "" && name !== "" && digString(manifest, "apiVersion")) return;
  throw new Failure({
    reason: "BuildFailed",
    message: `failed to decode Kubernetes apiVersion, kind and name from ${formatRef(refOf(manifest))}`,
    hint: "Give the object a name; generateName makes a new object in each run",
    where: { object: formatRef(refOf(manifest)) },
  });
}

/** A name that a patch or a variable made may be one that is there already; kustomize and Flux refuse that too. */
function checkUnique(manifests: readonly Manifest[]): void {
  const seen = new Set<string>();
  for (const manifest of manifests) {
    const ref = refOf(manifest);
    const key = JSON.stringify([ref.group, ref.version, ref.kind, ref.namespace || "default", ref.name]);
    if (!seen.has(key)) {
      seen.add(key);
      continue;
    }
    throw new Failure({
      reason: "BuildFailed",
      message: `${formatRef(ref)} is there twice after patches and variables`,
      hint: "Give the objects different names",
      where: { object: formatRef(ref) },
    });
  }
}

/** Settings of kustomize itself that were listed as resources are nothing for the cluster. */
function isKustomizeConfig(manifest: Manifest): boolean {
  const { group, kind } = refOf(manifest);
  return kind.toLowerCase() === "kustomization" && group === "kustomize.config.k8s.io";
}

/** Owner labels first, then the common metadata, which wins over everything in the files. */
function labelled(manifest: Manifest, { origin, build: spec }: DeliveryToBuild): Manifest {
  const owner = { [`${origin.group}/name`]: origin.name, [`${origin.group}/namespace`]: origin.namespace };
  const metadata = isObject(manifest.metadata) ? { ...manifest.metadata } : {};
  metadata.labels = withEntries(own(metadata, "labels"), { ...owner, ...spec.commonLabels });
  if (Object.keys(spec.commonAnnotations).length > 0) {
    metadata.annotations = withEntries(own(metadata, "annotations"), spec.commonAnnotations);
  }
  return { ...manifest, metadata };
}

function withEntries(there: JsonValue | undefined, entries: Record<string, string>): JsonObject {
  const result: JsonObject = isObject(there) ? { ...there } : {};
  for (const [key, value] of Object.entries(entries)) setOwn(result, key, value);
  return result;
}

/** Flux calls all but these BuildFailed, and alerts look for that. */
const ownReasons = new Set<Reason>(["ArtifactFailed", "LimitExceeded"]);

/** To be tried again: what is wrong stands in the files, which the next revision may correct. */
function asBuildFailure(failure: Failure): Failure {
  const { message, hint, where } = failure;
  const reason = ownReasons.has(failure.reason) ? failure.reason : "BuildFailed";
  return new Failure({ reason, message, cause: failure, ...(hint !== undefined && { hint }), ...(where && { where }) });
}
