// Archives of sources, and the server that hands them out.

export type {
  ArchivableTree,
  Artifact,
  ArtifactServer,
  ArtifactStore,
  ArtifactStoreOptions,
  StoreRequest,
} from "./door.ts";
export { openArtifactStore } from "./store.ts";
export { type ArtifactServerOptions, startArtifactServer } from "./server.ts";
