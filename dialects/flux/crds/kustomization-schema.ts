// Kustomization (kustomize.toolkit.fluxcd.io/v1), field for field as Flux v2.9 has it; descriptions are our own.

import { conditionSchema, type CrdDefinition, type FromSchema, type Schema } from "@plumbline/core/crd";
import { intervalPattern, localNameSchema, selectorSchema } from "./fragment-schemas.ts";

const text = { type: "string" } as const satisfies Schema;
const textMap = { type: "object", additionalProperties: text } as const satisfies Schema;

const dependencySchema = {
  description: "A Kustomization that must be ready first.",
  type: "object",
  properties: {
    name: { description: "Its name.", type: "string" },
    namespace: { description: "Its namespace; that of this object when it is left out.", type: "string" },
    readyExpr: {
      description:
        "A CEL expression over 'self' and 'dep' that decides whether it is ready, in place of the built-in check.",
      type: "string",
    },
  },
  required: ["name"],
} as const satisfies Schema;

const healthCheckSchema = {
  description: "An object whose health counts.",
  type: "object",
  properties: {
    apiVersion: { description: "Its API version.", type: "string" },
    kind: { description: "Its kind.", type: "string" },
    name: { description: "Its name.", type: "string" },
    namespace: { description: "Its namespace.", type: "string" },
  },
  required: ["kind", "name"],
} as const satisfies Schema;

const healthExpressionSchema = {
  description: "How to tell the health of a kind of custom resource with CEL.",
  type: "object",
  properties: {
    apiVersion: { description: "API version of the custom resources.", type: "string" },
    kind: { description: "Kind of the custom resources.", type: "string" },
    inProgress: { description: "True while the wanted state is not reached yet.", type: "string" },
    failed: { description: "True when the wanted state cannot be reached.", type: "string" },
    current: { description: "True when the wanted state is reached.", type: "string" },
  },
  required: ["apiVersion", "current"],
} as const satisfies Schema;

const imageSchema = {
  description: "An image whose name, tag or digest is replaced.",
  type: "object",
  properties: {
    name: { description: "Name of the image in the manifests, without tag.", type: "string" },
    newName: { description: "Name to use in its place.", type: "string" },
    newTag: { description: "Tag to use.", type: "string" },
    digest: { description: "Digest to use; wins over newTag.", type: "string" },
  },
  required: ["name"],
} as const satisfies Schema;

const patchSchema = {
  description: "A change to manifests.",
  type: "object",
  properties: {
    patch: { description: "A strategic merge patch, or a list of JSON patch operations, as YAML.", type: "string" },
    target: selectorSchema,
  },
  required: ["patch"],
} as const satisfies Schema;

const ignoreRuleSchema = {
  description: "Fields that others may change.",
  type: "object",
  properties: {
    paths: { description: "The fields, as JSON Pointers (RFC 6901).", type: "array", items: text },
    target: { ...selectorSchema, description: "The objects that the rule is for; all when it is left out." },
  },
  required: ["paths"],
} as const satisfies Schema;

const kubeConfigSchema = {
  description: "Apply to another cluster, reached through this kubeconfig.",
  type: "object",
  properties: {
    secretRef: {
      description: "Secret with a kubeconfig. Excludes configMapRef.",
      type: "object",
      properties: {
        name: { description: "Name of the Secret.", type: "string" },
        key: { description: "Key in the Secret; 'value' or 'value.yaml' when it is left out.", type: "string" },
      },
      required: ["name"],
    },
    configMapRef: {
      ...localNameSchema,
      description:
        "ConfigMap that tells how to reach the cluster through a cloud: 'provider' (aws, azure, gcp or generic), " +
        "'cluster', 'address', 'ca.crt', 'audiences', 'serviceAccountName'. Excludes secretRef.",
    },
  },
  "x-kubernetes-validations": [
    {
      rule: "has(self.configMapRef) || has(self.secretRef)",
      message: "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified",
    },
    {
      rule: "!has(self.configMapRef) || !has(self.secretRef)",
      message: "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified",
    },
  ],
} as const satisfies Schema;

const decryptionSchema = {
  description: "Decrypt Secrets before they are applied.",
  type: "object",
  properties: {
    provider: { description: "The program that encrypted them.", type: "string", enum: ["sops"] },
    secretRef: { ...localNameSchema, description: "Secret with the private keys or the cloud credentials." },
    serviceAccountName: {
      description: "ServiceAccount to log in to a cloud's key service with, where secretRef has no credentials for it.",
      type: "string",
    },
  },
  required: ["provider"],
} as const satisfies Schema;

const postBuildSchema = {
  description: "What happens to the manifests after they are built.",
  type: "object",
  properties: {
    substitute: {
      ...textMap,
      description:
        "Values of the variables that stand in the manifests as ${name}; shell-like defaults are understood.",
    },
    substituteFrom: {
      description: "Secrets and ConfigMaps whose keys are variables too; those of substitute win.",
      type: "array",
      items: {
        description: "A Secret or ConfigMap with variables.",
        type: "object",
        properties: {
          kind: { description: "Secret or ConfigMap.", type: "string", enum: ["Secret", "ConfigMap"] },
          name: {
            description: "Its name, in the namespace of this object.",
            type: "string",
            minLength: 1,
            maxLength: 253,
          },
          optional: { description: "Go on without it when it does not exist.", type: "boolean", default: false },
        },
        required: ["kind", "name"],
      },
    },
    substituteStrategy: {
      description: "WithVariables (the default) replaces only when at least one variable is defined; Always replaces.",
      type: "string",
      enum: ["WithVariables", "Always"],
    },
  },
} as const satisfies Schema;

const sourceRefSchema = {
  description: "The source that the files come from.",
  type: "object",
  properties: {
    apiVersion: { description: "Its API version.", type: "string" },
    kind: {
      description: "Its kind.",
      type: "string",
      enum: ["OCIRepository", "GitRepository", "Bucket", "ExternalArtifact"],
    },
    name: { description: "Its name.", type: "string" },
    namespace: { description: "Its namespace; that of this object when it is left out.", type: "string" },
  },
  required: ["kind", "name"],
} as const satisfies Schema;

export const kustomizationSpecSchema = {
  description: "Which files to build, how, and what to do with the result.",
  type: "object",
  properties: {
    interval: {
      description: "How often to put the cluster right without any other cause; some jitter may be added.",
      type: "string",
      pattern: intervalPattern,
    },
    retryInterval: {
      description: "How long to wait after a failure; interval when it is left out.",
      type: "string",
      pattern: intervalPattern,
    },
    timeout: {
      description:
        "How long validation, apply and health checks may take; interval less 30 seconds when it is left out.",
      type: "string",
      pattern: intervalPattern,
    },
    sourceRef: sourceRefSchema,
    path: {
      description: "Folder with the kustomization.yaml, or with plain manifests; the root when it is left out.",
      type: "string",
    },
    prune: { description: "Delete objects whose manifests are gone.", type: "boolean" },
    deletionPolicy: {
      description:
        "What becomes of the objects when this one is deleted: MirrorPrune (the default: as prune says), Delete, " +
        "WaitForTermination (delete, and wait until they are gone) or Orphan (keep them).",
      type: "string",
      enum: ["MirrorPrune", "Delete", "WaitForTermination", "Orphan"],
    },
    dependsOn: {
      description: "Kustomizations that must be ready before this one is applied.",
      type: "array",
      items: dependencySchema,
    },
    wait: {
      description: "Be ready only when everything that was applied is healthy; healthChecks do not count then.",
      type: "boolean",
    },
    healthChecks: {
      description: "Be ready only when these objects are healthy.",
      type: "array",
      items: healthCheckSchema,
    },
    healthCheckExprs: {
      description: "CEL expressions for the health of custom resources, used with wait and healthChecks.",
      type: "array",
      items: healthExpressionSchema,
    },
    decryption: decryptionSchema,
    postBuild: postBuildSchema,
    kubeConfig: kubeConfigSchema,
    serviceAccountName: {
      description: "ServiceAccount of this namespace with whose rights everything is done.",
      type: "string",
    },
    targetNamespace: {
      description: "Namespace to put all objects in.",
      type: "string",
      minLength: 1,
      maxLength: 63,
    },
    namePrefix: { description: "Text in front of all names.", type: "string", minLength: 1, maxLength: 200 },
    nameSuffix: { description: "Text behind all names.", type: "string", minLength: 1, maxLength: 200 },
    commonMetadata: {
      description: "Labels and annotations for all objects; they win over those in the manifests.",
      type: "object",
      properties: {
        labels: { ...textMap, description: "The labels." },
        annotations: { ...textMap, description: "The annotations." },
      },
    },
    patches: { description: "Changes to the built manifests.", type: "array", items: patchSchema },
    images: { description: "Images to replace.", type: "array", items: imageSchema },
    components: { description: "Folders with kustomize components, relative to path.", type: "array", items: text },
    ignoreMissingComponents: { description: "Leave out components whose folder does not exist.", type: "boolean" },
    buildMetadata: {
      description: "Annotations that tell where objects come from and what changed them.",
      type: "array",
      items: {
        description: "A kind of such annotations.",
        type: "string",
        enum: ["originAnnotations", "transformerAnnotations"],
      },
    },
    force: {
      description: "Delete and create again what cannot be changed because a field of it is immutable.",
      type: "boolean",
      default: false,
    },
    ignore: {
      description: "Fields of the applied objects that others may change without being put right.",
      type: "array",
      items: ignoreRuleSchema,
    },
    suspend: { description: "Do nothing more; what is under way is finished.", type: "boolean" },
  },
  required: ["interval", "prune", "sourceRef"],
} as const satisfies Schema;

const historySchema = {
  description: "One state of the manifests, and how applying it went.",
  type: "object",
  properties: {
    digest: { description: "Checksum of the built manifests, as '<algorithm>:<hex>'.", type: "string" },
    firstReconciled: { description: "When it was applied first.", type: "string", format: "date-time" },
    lastReconciled: { description: "When it was applied last.", type: "string", format: "date-time" },
    lastReconciledDuration: { description: "How long that took.", type: "string" },
    lastReconciledStatus: { description: "How it ended.", type: "string" },
    metadata: { ...textMap, description: "More about it, such as its revision." },
    totalReconciliations: { description: "How often it was applied.", type: "integer", format: "int64" },
  },
  required: [
    "digest",
    "firstReconciled",
    "lastReconciled",
    "lastReconciledDuration",
    "lastReconciledStatus",
    "totalReconciliations",
  ],
} as const satisfies Schema;

export const kustomizationStatusSchema = {
  description: "What was last done.",
  type: "object",
  default: { observedGeneration: -1 },
  properties: {
    conditions: { type: "array", items: conditionSchema },
    history: {
      description: "The last few states that were applied, newest first.",
      type: "array",
      items: historySchema,
    },
    inventory: {
      description: "The objects that were applied.",
      type: "object",
      properties: {
        entries: {
          description: "One entry for each object.",
          type: "array",
          items: {
            description: "Names one object.",
            type: "object",
            properties: {
              id: { description: "The object, as '<namespace>_<name>_<group>_<kind>'.", type: "string" },
              v: { description: "The API version at which it was applied.", type: "string" },
            },
            required: ["id", "v"],
          },
        },
      },
      required: ["entries"],
    },
    lastAppliedOriginRevision: {
      description: "Revision that the source's own origin names, for what was applied last.",
      type: "string",
    },
    lastAppliedRevision: { description: "Revision that was applied last with success.", type: "string" },
    lastAttemptedRevision: { description: "Revision that was tried last.", type: "string" },
    lastHandledReconcileAt: {
      description: "Value of the annotation reconcile.fluxcd.io/requestedAt that was answered last.",
      type: "string",
    },
    observedGeneration: {
      description: "The metadata.generation that was dealt with last.",
      type: "integer",
      format: "int64",
    },
  },
} as const satisfies Schema;

export type KustomizationSpec = FromSchema<typeof kustomizationSpecSchema>;
export type KustomizationStatus = FromSchema<typeof kustomizationStatusSchema>;
export type HistoryEntry = FromSchema<typeof historySchema>;

export const kustomizationDefinition: CrdDefinition = {
  group: "kustomize.toolkit.fluxcd.io",
  version: "v1",
  kind: "Kustomization",
  plural: "kustomizations",
  shortNames: ["ks"],
  categories: ["all", "fluxcd", "fluxcd-appliers"],
  description: "Kustomization keeps the objects that are built from a folder of a source as its files say.",
  columns: [
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
    { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: "Status", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].message' },
  ],
  spec: kustomizationSpecSchema,
  status: kustomizationStatusSchema,
};
