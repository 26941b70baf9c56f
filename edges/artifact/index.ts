// Archives of sources, and the server that hands them out.

export type {
  ArchivableTree,
  Artifact,
  ArtifactServer,
  ArtifactStore,
  ArtifactStoreOptions,
  StoreRequest,
} from "./door.ts";
