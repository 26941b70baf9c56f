// A local Git server and bare repositories to serve with it.

export {
  type BareRepository,
  type BareRepositoryOptions,
  type CommitOptions,
  type Content,
  createBareRepository,
  openBareRepository,
} from "./bare-repository.ts";
export {
  type GitRequest,
  type GitRequestType,
  type GitServer,
  type GitServerOptions,
  startGitServer,
} from "./server.ts";
