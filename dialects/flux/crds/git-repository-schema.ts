// GitRepository (source.toolkit.fluxcd.io/v1), field for field as Flux v2.9 has it; descriptions are our own.

import { conditionSchema, type CrdDefinition, type FromSchema, type Schema } from "@plumbline/core/crd";
import { artifactSchema, intervalPattern, localNameSchema, sourceTimeoutPattern } from "./fragment-schemas.ts";

const includeSchema = {
  description: "Files of another GitRepository in the same namespace, and where they are put.",
  type: "object",
  properties: {
    repository: { ...localNameSchema, description: "The GitRepository to take files from." },
    fromPath: { description: "Folder there to take; the root when it is left out.", type: "string" },
    toPath: {
      description: "Folder here to put it in; the name of that GitRepository when it is left out.",
      type: "string",
    },
  },
  required: ["repository"],
} as const satisfies Schema;

const refSchema = {
  description: "Which commit to use; the branch 'master' when it is left out.",
  type: "object",
  properties: {
    branch: { description: "Head of this branch; 'master' when no other part is given.", type: "string" },
    tag: { description: "This tag; wins over branch.", type: "string" },
    semver: { description: "Highest tag that matches this range of semantic versions; wins over tag.", type: "string" },
    name: {
      description: "This reference by its full name, such as refs/pull/420/head; wins over branch, tag and semver.",
      type: "string",
    },
    commit: {
      description: "This commit by its hash; wins over everything else. With branch it must be part of that branch.",
      type: "string",
    },
  },
} as const satisfies Schema;

const verifySchema = {
  description: "Accept only commits or tags that are signed by someone trusted.",
  type: "object",
  properties: {
    mode: {
      description: "What must be signed: the commit (HEAD, formerly written head), the tag, or both.",
      type: "string",
      enum: ["head", "HEAD", "Tag", "TagAndHEAD"],
      default: "HEAD",
    },
    secretRef: {
      ...localNameSchema,
      description: "Secret with the public keys: PGP under keys that end in .asc, SSH under keys that end in .sshpub.",
    },
  },
  required: ["secretRef"],
} as const satisfies Schema;

export const gitRepositorySpecSchema = {
  description: "Where the repository is, which commit of it is wanted, and how often to look.",
  type: "object",
  properties: {
    url: {
      description: "Address of the repository: http, https or ssh.",
      type: "string",
      pattern: "^(http|https|ssh)://.*$",
    },
    secretRef: {
      ...localNameSchema,
      description:
        "Secret with the credentials. For http and https: 'username' and 'password', or 'bearerToken', " +
        "and optionally 'ca.crt', 'tls.crt', 'tls.key'. For ssh: 'identity' and 'known_hosts'.",
    },
    provider: {
      description: "How to log in: 'generic' (the default) takes what secretRef has, the others ask that cloud.",
      type: "string",
      enum: ["generic", "aws", "azure", "github"],
    },
    serviceAccountName: {
      description: "ServiceAccount to log in with; for the providers 'azure' and 'aws' only.",
      type: "string",
    },
    interval: {
      description: "How often to ask for new commits; some jitter may be added.",
      type: "string",
      pattern: intervalPattern,
    },
    timeout: {
      description: "How long one Git operation may take.",
      type: "string",
      default: "60s",
      pattern: sourceTimeoutPattern,
    },
    ref: refSchema,
    verify: verifySchema,
    proxySecretRef: { ...localNameSchema, description: "Secret that tells which proxy to use towards the Git server." },
    ignore: {
      description: "Which files to leave out, in the syntax of .gitignore; replaces the defaults.",
      type: "string",
    },
    suspend: { description: "Stop looking for new commits.", type: "boolean" },
    recurseSubmodules: { description: "Fetch the submodules too.", type: "boolean" },
    include: {
      description: "Other GitRepositories whose files become part of this one.",
      type: "array",
      items: includeSchema,
    },
    sparseCheckout: {
      description: "Use these folders only.",
      type: "array",
      items: { type: "string" },
    },
  },
  required: ["interval", "url"],
  "x-kubernetes-validations": [
    {
      rule: "!has(self.serviceAccountName) || (has(self.provider) && (self.provider == 'azure' || self.provider == 'aws'))",
      message: "serviceAccountName can only be set when provider is 'azure' or 'aws'",
    },
  ],
} as const satisfies Schema;

export const gitRepositoryStatusSchema = {
  description: "What was last seen of the repository.",
  type: "object",
  default: { observedGeneration: -1 },
  properties: {
    artifact: artifactSchema,
    conditions: { description: "State of the object.", type: "array", items: conditionSchema },
    includedArtifacts: {
      description: "Artifacts of the included GitRepositories that this one was made with.",
      type: "array",
      items: artifactSchema,
    },
    lastHandledReconcileAt: {
      description: "Value of the annotation reconcile.fluxcd.io/requestedAt that was answered last.",
      type: "string",
    },
    observedGeneration: {
      description: "The metadata.generation that was dealt with last.",
      type: "integer",
      format: "int64",
    },
    observedIgnore: { description: "The spec.ignore that the artifact was made with.", type: "string" },
    observedInclude: {
      description: "The spec.include that the artifact was made with.",
      type: "array",
      items: includeSchema,
    },
    observedRecurseSubmodules: {
      description: "The spec.recurseSubmodules that the artifact was made with.",
      type: "boolean",
    },
    observedSparseCheckout: {
      description: "The spec.sparseCheckout that the artifact was made with.",
      type: "array",
      items: { type: "string" },
    },
    sourceVerificationMode: { description: "What was verified last: the commit, the tag, or both.", type: "string" },
  },
} as const satisfies Schema;

export type GitRepositorySpec = FromSchema<typeof gitRepositorySpecSchema>;
export type GitRepositoryStatus = FromSchema<typeof gitRepositoryStatusSchema>;

export const gitRepositoryDefinition: CrdDefinition = {
  group: "source.toolkit.fluxcd.io",
  version: "v1",
  kind: "GitRepository",
  plural: "gitrepositories",
  shortNames: ["gitrepo"],
  categories: ["all", "fluxcd", "fluxcd-sources"],
  description: "GitRepository names a Git repository, and which commit of it, for others to take files from.",
  columns: [
    { name: "URL", type: "string", jsonPath: ".spec.url" },
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
    { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: "Status", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].message' },
  ],
  spec: gitRepositorySpecSchema,
  status: gitRepositoryStatusSchema,
};
