// The Git edge: polls, fetches and reads Git remotes through the git program and one disk cache.

export { openGitCache } from "./git-cache.ts";
export type {
  FetchRequest,
  GitCache,
  GitCacheOptions,
  GitCall,
  GitRemote,
  GitSnapshot,
  IgnoreFile,
  Records,
  ResolveRequest,
  SnapshotRequest,
} from "./door.ts";
