// The door: results, reads, refusals, and what is handed in.

import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { memoryTree, NotLoaded, type FileTree } from "@plumbline/core/model";
import { failureOf } from "@plumbline/testkit/delivery";
import { buildFiles } from "./build-in-tests.ts";
import { build } from "./build.ts";
import { outputFiles } from "./output-files.ts";

const service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {app: web}\n";
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - {name: main, image: nginx, envFrom: [{configMapRef: {name: settings}}]}
`;

describe("build()", () => {
  it("hashes generated names as kustomize does, and references follow", () => {
    const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
    const { yaml } = build(
      memoryTree({
        "kustomization.yaml": "resources: [d.yaml]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n",
        "d.yaml": deployment,
      }),
      "",
      { sha256 },
    );
    match(yaml, /name: settings-4h2mbtbbt6\n/);
    match(yaml, /configMapRef:\n\s+name: settings-4h2mbtbbt6\n/);
  });

  it("lists what was read, with ids, and what was looked for and absent", () => {
    const { reads } = buildFiles({ "app/kustomization.yml": "resources: [s.yaml]\n", "app/s.yaml": service }, "app");
    deepStrictEqual([...reads.keys()].sort(), [
      "app/Kustomization",
      "app/kustomization.yaml",
      "app/kustomization.yml",
      "app/s.yaml",
    ]);
    strictEqual(reads.get("app/kustomization.yaml"), undefined);
    ok(reads.get("app/s.yaml"));
  });

  it("lets NotLoaded through, naming all files of the kustomization that are missing", () => {
    const files = memoryTree({
      "kustomization.yaml": "resources: [a.yaml, b.yaml]\npatches: [{path: p.yaml}]\n",
      "a.yaml": service,
      "b.yaml": service,
      "p.yaml": service,
    });
    const lazy: FileTree = {
      ...files,
      read: (path) => {
        if (path === "kustomization.yaml") return files.read(path);
        throw new NotLoaded([path]);
      },
    };
    throws(
      () => build(lazy, "", { sha256: String }),
      (error: unknown) => {
        ok(error instanceof NotLoaded);
        deepStrictEqual(error.paths, ["a.yaml", "b.yaml", "p.yaml"]);
        return true;
      },
    );
  });

  it("warns about deprecated fields", () => {
    const { warnings } = buildFiles({
      "kustomization.yaml": "bases: [b]\n",
      "b/kustomization.yaml": "resources: []\n",
    });
    deepStrictEqual(warnings, ["kustomization.yaml: 'bases' is deprecated; use 'resources' instead"]);
  });

  it("keeps the namespace of cluster-scoped types away; `next` knows more of them", () => {
    const files = {
      "kustomization.yaml": "namespace: ns\nresources: [r.yaml]\n",
      "r.yaml": `apiVersion: v1
kind: PersistentVolume
metadata: {name: pv}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: vap}
`,
    };
    strictEqual(buildFiles(files).yaml.match(/namespace: ns/g)?.length, 1);
    strictEqual(buildFiles(files, "", { edition: "next" }).yaml.match(/namespace: ns/g), null);
  });

  it("names one file per object as kustomize does", () => {
    const { objects } = buildFiles({
      "kustomization.yaml": "resources: [r.yaml]\n",
      "r.yaml": `${service}---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: other}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "system:x/y"}
`,
    });
    deepStrictEqual([...outputFiles(objects).keys()].sort(), [
      "default_v1_service_web.yaml",
      "other_v1_configmap_c.yaml",
      "rbac.authorization.k8s.io_v1_clusterrole_system:x_y.yaml",
    ]);
  });
});

describe("build() refuses", () => {
  const refusal = (files: Record<string, string>): ReturnType<typeof failureOf> => failureOf(() => buildFiles(files));

  it("a directory without kustomization, naming the directory", () => {
    const failure = failureOf(() => buildFiles({ "app/x.yaml": service }, "app"));
    strictEqual(failure.where?.file, "app");
    match(failure.message, /unable to find one of 'kustomization.yaml'/);
  });

  it("an unknown field, naming file, field and next step", () => {
    const failure = refusal({ "kustomization.yaml": "resources: []\nlabels: [{pairz: {}}]\n" });
    strictEqual(failure.where?.file, "kustomization.yaml");
    strictEqual(failure.where?.field, "labels[0].pairz");
    match(failure.message, /unknown field "pairz"/);
    ok(failure.hint);
  });

  it("malformed YAML, naming file and line", () => {
    const failure = refusal({ "kustomization.yaml": "resources: [bad.yaml]\n", "bad.yaml": "a: b\n c: [\n" });
    strictEqual(failure.where?.file, "bad.yaml");
    ok(failure.where?.line);
  });

  it("the same object twice, naming the object", () => {
    const failure = refusal({
      "kustomization.yaml": "resources: [a.yaml, b.yaml]\n",
      "a.yaml": service,
      "b.yaml": service,
    });
    match(failure.message, /already registered id: Service\.v1\.\[noGrp\]\/web\.\[noNs\]/);
  });

  it("remote bases, remote files and charts when no function is given for them", () => {
    for (const [resource, word] of [
      ["github.com/org/repo?ref=v1", /remote base/],
      ["https://example.com/x.yaml", /remote file/],
    ] as const) {
      match(refusal({ "kustomization.yaml": `resources: ["${resource}"]\n` }).message, word);
    }
    match(refusal({ "kustomization.yaml": "helmCharts: [{name: x}]\n" }).message, /--enable-helm/);
  });
});

describe("build() with functions for what is elsewhere", () => {
  it("builds a remote base at the path and ref of its address", () => {
    const seen: string[] = [];
    const { yaml, reads } = buildFiles(
      { "kustomization.yaml": "resources: ['https://github.com/o/r//deep?ref=v1']\n" },
      "",
      {
        fetchRepo: (url) => {
          seen.push(`${url.cloneUrl} ${url.ref}`);
          const files = memoryTree({ "deep/kustomization.yaml": "resources: [s.yaml]\n", "deep/s.yaml": service });
          return { files, revision: "abc" };
        },
      },
    );
    deepStrictEqual(seen, ["https://github.com/o/r v1"]);
    strictEqual(reads.get("remote:https://github.com/o/r//deep?ref=v1"), "abc");
    match(yaml, /kind: Service/);
  });

  it("never lets a remote base read outside its repository", () => {
    const files = memoryTree({ "deep/kustomization.yaml": "resources: [../../x.yaml]\n" });
    const failure = failureOf(() =>
      buildFiles({ "kustomization.yaml": "resources: ['https://github.com/o/r//deep']\n", "x.yaml": service }, "", {
        loadRestrictions: "none",
        fetchRepo: () => ({ files, revision: "abc" }),
      }),
    );
    strictEqual(failure.reason, "InvalidPath");
  });

  it("reads https files", () => {
    const fetchFile = (): Uint8Array => new TextEncoder().encode(service);
    const { resources } = buildFiles({ "kustomization.yaml": "resources: ['https://e.com/s.yaml']\n" }, "", {
      fetchFile,
    });
    strictEqual(resources.length, 1);
  });

  it("hands a chart with merged values to the renderer and leaves its namespace alone", () => {
    const { yaml } = buildFiles(
      {
        "kustomization.yaml": `namespace: ns
namePrefix: x-
helmCharts: [{name: c, releaseName: r, valuesInline: {a: {b: 2}}}]
`,
        "charts/c/Chart.yaml": "name: c\n",
        "charts/c/values.yaml": "a: {b: 1, c: 1}\n",
      },
      "",
      {
        helm: {
          render: (request) => {
            deepStrictEqual(request.values, ["a:\n  b: 2\n  c: 1\n"]);
            deepStrictEqual([request.directory, request.namespace, request.releaseName], ["charts/c", "ns", "r"]);
            return service;
          },
        },
      },
    );
    match(yaml, /name: x-web\n/);
    ok(!yaml.includes("namespace"));
  });
});
