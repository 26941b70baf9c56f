// Builds the real Go programs that tests compare with, once per machine.

export { type GoProgram, buildGoProgram, checkGo } from "./build-go-program.ts";
export { type ReleasedProgram, goInstall } from "./go-install.ts";
export {
  etcdBinary,
  helmBinary,
  kubeApiserverBinary,
  kubeControllerManagerBinary,
  kubectlBinary,
  kustomizeBinary,
  programs,
} from "./programs.ts";
