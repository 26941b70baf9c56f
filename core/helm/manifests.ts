// Rendered files into manifests and hooks: split, read for their kind, and put in the order of installation.

import { Failure, isObject, type JsonValue, own } from "@plumbline/core/model";
import { compareStrings } from "@plumbline/core/template";
import { chartInvalid, messageOf } from "./failure.ts";
import { textOf } from "./metadata.ts";
import { yamlPart } from "./plain-yaml.ts";

export interface RenderedManifest {
  /** The file that it came from: `chart/templates/x.yaml`. */
  readonly source: string;
  readonly content: string;
  readonly kind: string;
}

export interface Hook extends RenderedManifest {
  readonly name: string;
  /** `pre-install`, `test`, ... */
  readonly events: readonly string[];
  readonly weight: number;
  readonly deletePolicies: readonly string[];
}

/** Kinds in the order in which Helm installs them; unknown kinds come last, by name. */
const installOrder = (
  "PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget " +
  "ServiceAccount Secret SecretList ConfigMap StorageClass PersistentVolume PersistentVolumeClaim " +
  "CustomResourceDefinition ClusterRole ClusterRoleList ClusterRoleBinding ClusterRoleBindingList Role RoleList " +
  "RoleBinding RoleBindingList Service DaemonSet Pod ReplicationController ReplicaSet Deployment " +
  "HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress APIService MutatingWebhookConfiguration " +
  "ValidatingWebhookConfiguration"
).split(" ");
const rank = new Map(installOrder.map((kind, i) => [kind, i]));

function compareKinds(a: RenderedManifest, b: RenderedManifest): number {
  const first = rank.get(a.kind);
  const second = rank.get(b.kind);
  if (first === undefined && second === undefined) return compareStrings(a.kind, b.kind);
  if (first === undefined) return 1;
  return second === undefined ? -1 : first - second;
}

const hookEvents = new Map(
  "pre-install post-install pre-delete post-delete pre-upgrade post-upgrade pre-rollback post-rollback test"
    .split(" ")
    .map((event) => [event, event]),
).set("test-success", "test");

const hookAnnotation = "helm.sh/hook";

/** Go's `unicode.IsSpace`, at the start of a text. */
const leadingSpace = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** The documents of a rendered file; empty ones are left out. */
export function splitManifests(text: string): string[] {
  if (!text.includes("---")) {
    const only = text.replace(leadingSpace, "");
    return only === "" ? [] : [only];
  }
  const parts = text.replace(leadingSpace, "").split(/^---[ \t]*/m);
  return parts.map((part) => part.replace(leadingSpace, "")).filter((part) => part !== "");
}

/**
 * Sorts rendered files into manifests and hooks, both in the order of installation. Throws `ChartInvalid` for a
 * document that is no YAML: `YAML parse error on chart/templates/x.yaml: ...`.
 */
export function sortManifests(files: ReadonlyMap<string, string>): { manifests: RenderedManifest[]; hooks: Hook[] } {
  const manifests: RenderedManifest[] = [];
  const hooks: Hook[] = [];
  for (const source of [...files.keys()].sort(compareStrings)) {
    if (source.slice(source.lastIndexOf("/") + 1).startsWith("_")) continue;
    for (const content of splitManifests(files.get(source) ?? "")) {
      const head = readHead(content, source);
      const hook = hookOf(head, { source, content, kind: head.kind });
      if (hook === "none") manifests.push({ source, content, kind: head.kind });
      else if (hook !== "unknown") hooks.push(hook);
    }
  }
  return { manifests: manifests.sort(compareKinds), hooks: hooks.sort(compareKinds) };
}

interface Head {
  kind: string;
  name: string;
  annotations: Map<string, string>;
}

const headKeys = ["apiVersion", "kind", "metadata"];

function readHead(content: string, source: string): Head {
  try {
    return headOf(yamlPart(content, headKeys));
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const prefix = thrown.reason === "YamlInvalid" ? "error converting YAML to JSON: " : "";
    throw chartInvalid(`YAML parse error on ${source}: ${prefix}${messageOf(thrown)}`, source, thrown);
  }
}

function headOf(json: JsonValue): Head {
  if (json === null) return { kind: "", name: "", annotations: new Map() };
  if (!isObject(json)) {
    const kind = Array.isArray(json) ? "array" : typeof json === "boolean" ? "bool" : typeof json;
    throw chartInvalid(
      `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type util.SimpleHead`,
    );
  }
  const metadata = own(json, "metadata");
  textOf(own(json, "apiVersion"), "SimpleHead.apiVersion");
  const kind = textOf(own(json, "kind"), "SimpleHead.kind");
  if (metadata === undefined || metadata === null) return { kind, name: "", annotations: new Map() };
  if (!isObject(metadata))
    throw wrongStructField(
      metadata,
      "SimpleHead.metadata",
      'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }',
    );
  const name = textOf(own(metadata, "name"), ".metadata.name");
  const annotations = own(metadata, "annotations");
  if (annotations === undefined || annotations === null) return { kind, name, annotations: new Map() };
  if (!isObject(annotations)) throw wrongStructField(annotations, ".metadata.annotations", "map[string]string");
  const texts = Object.keys(annotations).map((key): [string, string] => [
    key,
    textOf(annotations[key], ".metadata.annotations"),
  ]);
  return { kind, name, annotations: new Map(texts) };
}

function wrongStructField(json: JsonValue, field: string, type: string): Failure {
  const kind = Array.isArray(json) ? "array" : typeof json === "boolean" ? "bool" : typeof json;
  return chartInvalid(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go struct field ${field} of type ${type}`,
  );
}

function hookOf(head: Head, manifest: RenderedManifest): Hook | "none" | "unknown" {
  const types = head.annotations.get(hookAnnotation);
  if (types === undefined) return "none";
  const events = types.split(",").map((type) => hookEvents.get(type.trim().toLowerCase()));
  if (events.includes(undefined)) return "unknown";
  const weight = head.annotations.get("helm.sh/hook-weight") ?? "";
  const policies = head.annotations.get("helm.sh/hook-delete-policy");
  return {
    ...manifest,
    name: head.name,
    events: events.filter((event) => event !== undefined),
    weight: /^[+-]?[0-9]+$/.test(weight) ? Number(weight) : 0,
    deletePolicies: policies === undefined ? [] : policies.split(",").map((policy) => policy.trim().toLowerCase()),
  };
}
