// Real Git servers for tests.

export { type Authority, type Certificate, createAuthority } from "./certificate.ts";
export { type Credentials, type Fault, startTestGitServer, type TestGitServer, type TestRepository } from "./server.ts";
