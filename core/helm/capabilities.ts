// .Capabilities: the Kubernetes version, the API versions, Helm's own version.

import {
  anyType,
  boolType,
  type Callable,
  GoObject,
  GoSlice,
  type GoType,
  goMap,
  stringType,
  type Value,
} from "@plumbline/core/template";
import { valuesInvalid } from "./failure.ts";

export interface Capabilities {
  /** `v1.37.0`. */
  kubeVersion: string;
  apiVersions: readonly string[];
}

/** What Helm v4.3.1 assumes without a cluster: its client-go's Kubernetes and the API versions that client-go knows. */
export const defaultCapabilities: Capabilities = {
  kubeVersion: "v1.37.0",
  apiVersions: (
    "v1 admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1 admissionregistration.k8s.io/v1beta1 " +
    "internal.apiserver.k8s.io/v1alpha1 apps/v1 apps/v1beta1 apps/v1beta2 authentication.k8s.io/v1 " +
    "authentication.k8s.io/v1alpha1 authentication.k8s.io/v1beta1 authorization.k8s.io/v1 " +
    "authorization.k8s.io/v1beta1 autoscaling/v1 autoscaling/v2 batch/v1 batch/v1beta1 certificates.k8s.io/v1 " +
    "certificates.k8s.io/v1beta1 certificates.k8s.io/v1alpha1 coordination.k8s.io/v1alpha2 " +
    "coordination.k8s.io/v1beta1 coordination.k8s.io/v1 discovery.k8s.io/v1 discovery.k8s.io/v1beta1 " +
    "events.k8s.io/v1 events.k8s.io/v1beta1 extensions/v1beta1 flowcontrol.apiserver.k8s.io/v1 " +
    "flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1beta2 " +
    "flowcontrol.apiserver.k8s.io/v1beta3 lifecycle.k8s.io/v1alpha1 networking.k8s.io/v1 " +
    "networking.k8s.io/v1beta1 node.k8s.io/v1 node.k8s.io/v1alpha1 node.k8s.io/v1beta1 policy/v1 policy/v1beta1 " +
    "rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1 " +
    "resource.k8s.io/v1 resource.k8s.io/v1beta2 resource.k8s.io/v1beta1 resource.k8s.io/v1alpha3 " +
    "scheduling.k8s.io/v1alpha3 scheduling.k8s.io/v1beta1 scheduling.k8s.io/v1 storage.k8s.io/v1beta1 " +
    "storage.k8s.io/v1 storage.k8s.io/v1alpha1 storagemigration.k8s.io/v1 storagemigration.k8s.io/v1beta1 " +
    "apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1"
  ).split(" "),
};

interface KubeVersion {
  version: string;
  normalized: string;
  major: string;
  minor: string;
}

const generic = /^\s*v?([0-9]+)\.([0-9]+)(?:\.([0-9]+))?((?:\.[0-9]+)*)/;

/** `--kube-version`: two or more numbers, with anything after them. Throws `ValuesInvalid`. */
export function parseKubeVersion(text: string): KubeVersion {
  const match = generic.exec(text);
  if (!match) throw valuesInvalid(`could not parse ${JSON.stringify(text)} as version`);
  const [, major = "0", minor = "0", patch = "0"] = match;
  if ([major, minor, patch].some((part) => part.length > 1 && part.startsWith("0"))) {
    throw valuesInvalid(`illegal zero-prefixed version component in ${JSON.stringify(text)}`);
  }
  return {
    version: text.startsWith("v") ? text : `v${text}`,
    normalized: `v${major}.${minor}.${patch}`,
    major,
    minor,
  };
}

const inner = (value: Value): KubeVersion => (value as GoObject).inner as KubeVersion; // only values of the type below

const kubeVersionType: GoType = {
  name: "common.KubeVersion",
  kind: "struct",
  pointerText: (value: GoObject) => inner(value).normalized,
  methods: new Map<string, Callable>([
    ["String", { parameters: [], result: stringType, call: ([v]) => inner(v).normalized }],
    ["GitVersion", { parameters: [], result: stringType, call: ([v]) => inner(v).version }],
  ]),
};

const versionSetType: GoType = {
  name: "common.VersionSet",
  kind: "slice",
  elem: stringType,
  named: true,
  methods: new Map<string, Callable>([
    [
      "Has",
      {
        parameters: [stringType],
        result: boolType,
        call: ([set, version]) => (set as GoSlice).items.includes(version), // the receiver is of this type
      },
    ],
  ]),
};

const capabilitiesType: GoType = { name: "*common.Capabilities", kind: "ptr", elem: anyType };
const buildInfoType: GoType = { name: "version.BuildInfo", kind: "struct" };

const buildInfo = new GoObject(
  buildInfoType,
  new Map([
    ["Version", "v4.3.1"],
    ["GitCommit", ""],
    ["GitTreeState", ""],
    ["GoVersion", "go1.26.8"],
    ["KubeClientVersion", "v1.37"],
  ]),
);

/** The value that templates see. */
export function capabilitiesValue({ kubeVersion, apiVersions }: Capabilities): GoObject {
  const parsed = parseKubeVersion(kubeVersion);
  const { version, normalized, major, minor } = parsed;
  const fields = goMap({ Version: version, normalizedVersion: normalized, Major: major, Minor: minor }).entries;
  return new GoObject(
    capabilitiesType,
    new Map<string, Value>([
      ["KubeVersion", new GoObject(kubeVersionType, fields, parsed)],
      ["APIVersions", new GoSlice([...apiVersions], versionSetType)],
      ["HelmVersion", buildInfo],
    ]),
  );
}
