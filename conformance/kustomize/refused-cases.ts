// Our own fixtures that kustomize refuses, and so do we, naming the culprit.

import { deployment, refused, type OwnCase } from "./case.ts";

export const refusedCases: OwnCase[] = [
  refused("an unknown field", "namePrefixx", "namePrefixx: a\n"),
  refused("a field of the wrong type", "commonLabels.a", "commonLabels: {a: 1}\n"),
  refused("a missing file", "nope.yaml", "patches: [{path: nope.yaml}]\n"),
  refused("a missing resource", "gone.yaml", "components: []\nnamespace: x\n", {
    "kustomization.yaml": "resources: [gone.yaml]\n",
  }),
  refused("a file outside the root", "security", "", {
    "kustomization.yaml": "resources: [inner]\n",
    "inner/kustomization.yaml": "resources: [../deployment.yaml]\n",
  }),
  refused("a cycle", "cycle", "", {
    "kustomization.yaml": "resources: [inner]\n",
    "inner/kustomization.yaml": "resources: [..]\n",
  }),
  refused("two objects with one id", "Deployment/web", "", {
    "kustomization.yaml": "resources: [deployment.yaml, again.yaml]\n",
    "again.yaml": deployment,
  }),
  refused(
    "two objects with one id after a patch",
    "already registered",
    'patches: [{target: {kind: ConfigMap}, patch: \'[{"op": "replace", "path": "/metadata/name", "value": "one"}]\'}]\n',
    {
      "config.yaml":
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n",
    },
  ),
  refused("two objects with one id after a component", "already registered", "components: [c]\nnamespace: late\n", {
    "config.yaml":
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: x}\n",
    "c/kustomization.yaml":
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{target: {kind: ConfigMap}, patch: \'[{"op": "replace", "path": "/metadata/name", "value": "one"}]\'}]\n',
  }),
  refused("malformed YAML", "bad.yaml", "", { "kustomization.yaml": "resources: [bad.yaml]\n", "bad.yaml": "a: [\n" }),
  refused("a duplicate key in a resource", "kind", "", {
    "kustomization.yaml": "resources: [bad.yaml]\n",
    "bad.yaml": "apiVersion: v1\nkind: ConfigMap\nkind: ConfigMap\nmetadata: {name: x}\n",
  }),
  refused("a number as a key", "no string", "", {
    "kustomization.yaml": "resources: [bad.yaml]\n",
    "bad.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {1: x}\n",
  }),
  refused("a component among the resources", "Component", "", {
    "kustomization.yaml": "resources: [c]\n",
    "c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: x-\n",
  }),
  refused("two kustomization files", "multiple", "", { "kustomization.yml": "resources: []\n" }),
  refused(
    "a selector that is no regular expression",
    "regexp",
    'patches: [{target: {name: \'(\'}, patch: \'[{"op": "remove", "path": "/a"}]\'}]\n',
  ),
  refused(
    "a field that came after v5.8.1",
    "includeVolumeClaimTemplates",
    "labels: [{pairs: {a: b}, includeVolumeClaimTemplates: true}]\n",
  ),
  refused("an image name that is no regular expression", "error parsing regexp", "images: [{name: 'a[', newTag: v}]\n"),
  refused("a service account without a namespace in a role binding", "namespace is blank", "", {
    "kustomization.yaml": "resources: [r.yaml]\n",
    "r.yaml":
      "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: r}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects: [{kind: ServiceAccount, name: s, namespace: }]\n",
  }),
  refused("an external plugin", "Sed", "transformers: [t.yaml]\n", {
    "t.yaml": "apiVersion: someteam/v1\nkind: Sed\nmetadata: {name: s}\n",
  }),
  refused("Helm that is not allowed", "--enable-helm", "helmCharts: [{name: x, repo: 'https://example.invalid'}]\n"),
];
