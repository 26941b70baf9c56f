// The real programs, at the versions our results are compared with.

import { buildGoProgram } from "./build-go-program.ts";
import { goInstall } from "./go-install.ts";

const kubernetes = { version: "v1.36.3", minor: "36", module: "testkit/go/kubernetes" };

/** kustomize v5.8.1. */
export function kustomizeBinary(): Promise<string> {
  return goInstall("sigs.k8s.io/kustomize/kustomize/v5@v5.8.1", { name: "kustomize" });
}

/** helm v4.3.1; its default Kubernetes version comes from the client-go it is linked with, as in the release. */
export function helmBinary(): Promise<string> {
  const ldflags = "-X helm.sh/helm/v4/internal/version.version=v4.3.1";
  return goInstall("helm.sh/helm/v4/cmd/helm@v4.3.1", { name: "helm", ldflags, about: "2 min" });
}

/** kube-apiserver v1.36.3; `/version` says so. */
export function kubeApiserverBinary(): Promise<string> {
  return kubernetesBinary("kube-apiserver", "6 min");
}

/** kube-controller-manager v1.36.3. */
export function kubeControllerManagerBinary(): Promise<string> {
  return kubernetesBinary("kube-controller-manager", "2 min");
}

/** kubectl v1.36.3. */
export function kubectlBinary(): Promise<string> {
  return kubernetesBinary("kubectl", "1 min");
}

/** etcd v3.7.3. */
export function etcdBinary(): Promise<string> {
  return buildGoProgram({
    module: "testkit/go/etcd",
    package: "go.etcd.io/etcd/server/v3",
    name: "etcd",
    about: "1 min",
  });
}

/** All of them by name, the quick ones first. */
export const programs: Readonly<Record<string, () => Promise<string>>> = {
  kustomize: kustomizeBinary,
  helm: helmBinary,
  etcd: etcdBinary,
  "kube-apiserver": kubeApiserverBinary,
  "kube-controller-manager": kubeControllerManagerBinary,
  kubectl: kubectlBinary,
};

function kubernetesBinary(name: string, about: string): Promise<string> {
  const values = {
    gitVersion: kubernetes.version,
    gitMajor: "1",
    gitMinor: kubernetes.minor,
    gitTreeState: "clean",
  };
  const packages = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];
  const ldflags = packages
    .flatMap((path) => Object.entries(values).map(([key, value]) => `-X ${path}.${key}=${value}`))
    .join(" ");
  return buildGoProgram({ module: kubernetes.module, package: `k8s.io/kubernetes/cmd/${name}`, name, ldflags, about });
}
